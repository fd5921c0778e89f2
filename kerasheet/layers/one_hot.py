"""Class numbers as vectors (sheet §7.6)."""

from typing import Any

import keras

from kerasheet import ops
from kerasheet.layers.arguments import check_count
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class OneHot(keras.Layer):
    """Each class number becomes a row of zeros with a one at its place.

    ```
    y[c] = 1 if c = id, else 0
    ```

    A layer that multiplies the result by a kernel picks one of its rows;
    `kerasheet.layers.SimpleRNN` takes the ids themselves and skips the product.

    Args:
        depth: number of classes.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        ids: integers from 0 to depth - 1, of any shape.

    Returns:
        (..., depth).

    Raises:
        ValueError: `depth` is not a positive int, or `ids` are not integers or out of
            range.

    Example:
    >>> OneHot(3)(keras.ops.convert_to_tensor([[2, 0]])).numpy().tolist()
    [[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]]

    Source: sheet §7.6, code `to_onehot`.
    """

    def __init__(self, depth: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.depth = check_count("OneHot", "depth", depth)
        self.supports_masking = True

    def call(self, ids: Tensor) -> Tensor:
        return ops.one_hot(ids, self.depth, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, self.depth)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "depth": self.depth}
