"""The VGG block (sheet §6.8)."""

from typing import Any

import keras

from kerasheet.layers.arguments import check_count, describe
from kerasheet.layers.chain import build_chain, call_chain, inherited
from kerasheet.layers.correlation import Corr2D
from kerasheet.layers.pooling import Pool2D
from kerasheet.ops.window import output_shape
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class VGGBlock(keras.Layer):
    """Convolutions of 3×3 in a row, then a pooling that halves the image.

    ```
    x ← relu(corr3x3(x)), num_convs times        y = maxpool2x2(x)
    ```

    Args:
        num_convs: number of convolutions, each with its ReLU.
        filters: output channels of each.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).

    Returns:
        (batch, height // 2, width // 2, filters).

    Raises:
        ValueError: an argument is not a positive int, or the image is under 2×2.

    Example:
    >>> tuple(VGGBlock(2, 64)(keras.ops.zeros((1, 8, 8, 3))).shape)
    (1, 4, 4, 64)

    Source: sheet §6.8, with a ReLU after every convolution (errata 24).
    """

    def __init__(self, num_convs: int, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_convs = check_count("VGGBlock", "num_convs", num_convs)
        self.filters = check_count("VGGBlock", "filters", filters)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        self.compute_output_shape(input_shape)  # refuses images too small
        kind = inherited(self)
        self.convs = [
            Corr2D(
                self.filters,
                3,
                padding=1,
                activation="relu",
                name=f"conv{index + 1}",
                **kind,
            )
            for index in range(self.num_convs)
        ]
        self.pool = Pool2D(2, name="pool", **kind)
        build_chain([*self.convs, self.pool], input_shape)

    def call(self, images: Tensor) -> Tensor:
        return call_chain([*self.convs, self.pool], images)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        height, width = output_shape(
            describe(self), input_shape, (2, 2), (2, 2), "valid"
        )
        return (input_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_convs": self.num_convs,
            "filters": self.filters,
        }
