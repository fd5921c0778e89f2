"""Layers that summarize pixels (sheet §6.5 and §6.9)."""

from typing import Any

import keras

from kerasheet import ops
from kerasheet.layers.arguments import describe
from kerasheet.ops.pooling import check_mode, check_pool_padding
from kerasheet.ops.window import Padding, check_pair, output_shape
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class Pool2D(keras.Layer):
    """The largest or the mean pixel under a sliding window, channel by channel.

    ```
    y[n,i,j,c] = max or mean over u,v of x[n, i*s+u, j*s+v, c]
    ```

    Args:
        pool_size: (rows, columns) of the window, or one number, in pixels.
        strides: step s between stops, in pixels; None for `pool_size`.
        padding: `"valid"`, `"same"`, or pixels on each side: one number, or
            (rows, columns). Padding never wins a maximum; in a mean explicit padding
            counts as zeros.
        mode: `"max"` or `"avg"`.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).

    Returns:
        (batch, new_height, new_width, channels).

    Raises:
        ValueError: an argument is of no known form, or the window does not fit.

    Example:
    >>> tuple(Pool2D(2)(keras.ops.zeros((2, 24, 24, 6))).shape)
    (2, 12, 12, 6)

    Source: sheet §6.5.
    """

    def __init__(
        self,
        pool_size: int | tuple[int, int],
        strides: int | tuple[int, int] | None = None,
        padding: Padding = "valid",
        mode: str = "max",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = check_pair("Pool2D", "pool_size", pool_size)
        self.strides = (
            self.pool_size
            if strides is None
            else check_pair("Pool2D", "strides", strides)
        )
        self.padding = check_pool_padding("Pool2D", padding, self.pool_size)
        self.mode = check_mode("Pool2D", mode)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        self.compute_output_shape(input_shape)  # refuses images too small

    def call(self, images: Tensor) -> Tensor:
        return ops.pool2d(images, self.pool_size, self.strides, self.padding, self.mode)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        owner = describe(self)
        height, width = output_shape(
            owner, input_shape, self.pool_size, self.strides, self.padding
        )
        return (input_shape[0], height, width, input_shape[3])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "mode": self.mode,
        }


@keras.saving.register_keras_serializable(package="kerasheet")
class GlobalAvgPool2D(keras.Layer):
    """The mean of each channel over the whole image.

    ```
    y[n,c] = mean_{i,j} x[n,i,j,c]
    ```

    Args:
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).

    Returns:
        (batch, channels).

    Raises:
        ValueError: the input is not of rank 4.

    Example:
    >>> tuple(GlobalAvgPool2D()(keras.ops.zeros((2, 5, 5, 10))).shape)
    (2, 10)

    Source: sheet §6.9.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec = keras.InputSpec(ndim=4)

    def call(self, images: Tensor) -> Tensor:
        return keras.ops.mean(images, axis=(1, 2))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], input_shape[3])
