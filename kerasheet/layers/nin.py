"""The network-in-network block (sheet §6.9)."""

from typing import Any

import keras

from kerasheet.layers.arguments import check_count, describe
from kerasheet.layers.chain import build_chain, call_chain, inherited
from kerasheet.layers.correlation import Corr2D
from kerasheet.ops.window import Padding, check_padding, check_pair, output_shape
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class NiNBlock(keras.Layer):
    """A convolution, then two dense layers over the channels of every pixel.

    ```
    y = relu(corr1x1(relu(corr1x1(relu(corr2d(x))))))
    ```

    Args:
        filters: output channels of all three convolutions.
        kernel_size: of the first, in pixels.
        strides: of the first, in pixels.
        padding: of the first, as for `Corr2D`.
        final_activation: after the last convolution. The sheet's ReLU clips the
            logits of the block that ends a network, which can leave classes dead;
            None does not.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).

    Returns:
        (batch, new_height, new_width, filters).

    Raises:
        ValueError: an argument is of no known form, or the first filter does not fit.

    Example:
    >>> tuple(NiNBlock(96, 11, strides=4)(keras.ops.zeros((1, 224, 224, 1))).shape)
    (1, 54, 54, 96)

    Source: sheet §6.9 and Figure 6.7, errata 27.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = 1,
        padding: Padding = "valid",
        final_activation: Any = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = check_count("NiNBlock", "filters", filters)
        self.kernel_size = check_pair("NiNBlock", "kernel_size", kernel_size)
        self.strides = check_pair("NiNBlock", "strides", strides)
        self.padding = check_padding("NiNBlock", padding)
        self.final_activation = keras.activations.get(final_activation)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        self.compute_output_shape(input_shape)  # refuses images too small
        kind = inherited(self)
        self.conv = Corr2D(
            self.filters,
            self.kernel_size,
            self.strides,
            self.padding,
            "relu",
            name="conv",
            **kind,
        )
        self.mix1 = Corr2D(self.filters, 1, activation="relu", name="mix1", **kind)
        self.mix2 = Corr2D(
            self.filters, 1, activation=self.final_activation, name="mix2", **kind
        )
        build_chain([self.conv, self.mix1, self.mix2], input_shape)

    def call(self, images: Tensor) -> Tensor:
        return call_chain([self.conv, self.mix1, self.mix2], images)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        owner = describe(self)
        height, width = output_shape(
            owner, input_shape, self.kernel_size, self.strides, self.padding
        )
        return (input_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "final_activation": keras.activations.serialize(self.final_activation),
        }
