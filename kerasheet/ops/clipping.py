"""Against exploding gradients: a bound on their length (sheet §7.4)."""

from collections.abc import Sequence

import keras
from keras import ops

from kerasheet.ops.tensor import as_tensor
from kerasheet.typing import Tensor


def clip_by_global_norm(gradients: Sequence[Tensor], threshold: float) -> list[Tensor]:
    """Shorten all gradients by one factor, so that together they are not too long.

    ```
    g ← min(θ / ‖g‖, 1) g
    ```

    g is all gradients in one vector, so that their direction stays. A norm of zero
    changes nothing. Clipping is no help against gradients that vanish.

    Args:
        gradients: of any shapes.
        threshold: θ > 0, the largest norm allowed.

    Returns:
        The gradients in the same order and shapes.

    Raises:
        ValueError: `threshold` is not positive.

    Example:
    >>> [g.numpy().tolist() for g in clip_by_global_norm([[3.0], [4.0]], 1.0)]
    [[0.6000000238418579], [0.800000011920929]]

    Source: sheet §7.4, errata 45.
    """
    if not isinstance(threshold, int | float) or not threshold > 0:
        raise ValueError(
            "clip_by_global_norm needs `threshold` above 0. "
            f"Received: threshold={threshold!r}."
        )
    if not gradients:
        return []
    tensors = [as_tensor(gradient) for gradient in gradients]
    squares = [_sum_of_squares(one) for one in tensors]
    norm = ops.sqrt(sum(squares[1:], start=squares[0]))
    scale = threshold / ops.maximum(norm, threshold)
    return [one * ops.cast(scale, one.dtype) for one in tensors]


def _sum_of_squares(x: Tensor) -> Tensor:
    wide = keras.backend.result_type(x.dtype, "float32")
    return ops.sum(ops.square(ops.cast(x, wide)))
