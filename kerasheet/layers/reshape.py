"""Layers that only change a shape (sheet §6.6)."""

import math
from typing import Any

import keras

from kerasheet.layers.arguments import describe
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class Flatten(keras.Layer):
    """Lay each sample out as one vector, the last axis running fastest.

    ```
    y[n, (i*width + j)*channels + c] = x[n,i,j,c]
    ```

    Args:
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        x: (batch, ...).

    Returns:
        (batch, product of the other sizes).

    Raises:
        ValueError: a size other than the batch's is unknown.

    Example:
    >>> tuple(Flatten()(keras.ops.zeros((2, 4, 4, 16))).shape)
    (2, 256)

    Source: sheet §6.6.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec = keras.InputSpec(min_ndim=2)

    def build(self, input_shape: Shape) -> None:
        if None in input_shape[1:]:
            raise ValueError(
                f"{describe(self)} needs every size but the batch's. "
                f"Received: input shape {input_shape}."
            )

    def call(self, x: Tensor) -> Tensor:
        return keras.ops.reshape(x, (-1, math.prod(x.shape[1:])))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = input_shape[1:]
        return (input_shape[0], None if None in sizes else math.prod(sizes))  # type: ignore[arg-type]
