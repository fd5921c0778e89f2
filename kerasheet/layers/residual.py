"""The residual block (sheet §6.12)."""

from typing import Any

import keras

from kerasheet import ops
from kerasheet.layers.arguments import check_count, check_known, describe
from kerasheet.layers.chain import build_chain, inherited
from kerasheet.layers.correlation import Corr2D
from kerasheet.layers.normalization import BatchNorm
from kerasheet.ops.window import output_shape
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class Residual(keras.Layer):
    """Two convolutions learn what to add to their input.

    ```
    y = relu(x' + bn2(corr3x3(relu(bn1(corr3x3(x))))))
    x' = corr1x1(x) if use_1x1conv else x
    ```

    The shortcut has no batch norm and all convolutions have a bias, as in the sheet.

    Args:
        filters: output channels.
        use_1x1conv: whether the shortcut has a convolution, which it needs to change
            the number of channels or the size of the image.
        strides: of the first convolution and of the shortcut's, in pixels.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).
        training: whether batch norm uses the batch's own statistics.

    Returns:
        (batch, ⌈height / strides⌉, ⌈width / strides⌉, filters).

    Raises:
        ValueError: an argument is not a positive int, or the input cannot be added to
            the output without a 1×1 convolution.

    Example:
    >>> layer = Residual(6, use_1x1conv=True, strides=2)
    >>> tuple(layer(keras.ops.zeros((4, 6, 6, 3))).shape)
    (4, 3, 3, 6)

    Source: sheet §6.12 and Figure 6.9.
    """

    def __init__(
        self,
        filters: int,
        use_1x1conv: bool = False,
        strides: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = check_count("Residual", "filters", filters)
        self.use_1x1conv = use_1x1conv
        self.strides = check_count("Residual", "strides", strides)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        kind = inherited(self)
        self._refuse_unequal_shapes(input_shape)
        self.conv1 = Corr2D(
            self.filters, 3, self.strides, padding=1, name="conv1", **kind
        )
        self.norm1 = BatchNorm(name="norm1", **kind)
        self.conv2 = Corr2D(self.filters, 3, padding=1, name="conv2", **kind)
        self.norm2 = BatchNorm(name="norm2", **kind)
        build_chain([self.conv1, self.norm1, self.conv2, self.norm2], input_shape)
        self.shortcut = None
        if self.use_1x1conv:
            self.shortcut = Corr2D(
                self.filters, 1, self.strides, name="shortcut", **kind
            )
            self.shortcut.build(input_shape)

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        y = ops.relu(self.norm1(self.conv1(images), training=training))
        y = self.norm2(self.conv2(y), training=training)
        x = images if self.shortcut is None else self.shortcut(images)
        return ops.relu(x + y)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        steps = (self.strides, self.strides)
        height, width = output_shape(describe(self), input_shape, (3, 3), steps, (1, 1))
        return (input_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "use_1x1conv": self.use_1x1conv,
            "strides": self.strides,
        }

    def _refuse_unequal_shapes(self, input_shape: Shape) -> None:
        channels = check_known(self, input_shape)
        unequal = self.strides != 1 or channels != self.filters
        if unequal and not self.use_1x1conv:
            raise ValueError(
                f"{describe(self)} cannot add {channels} channels to "
                f"{self.filters} at strides={self.strides}. Pass use_1x1conv=True."
            )
