"""What the formulas take: tensors, arrays, lists, and Keras' symbolic tensors."""

import keras
import numpy as np

from kerasheet.typing import Shape, Tensor


def as_tensor(x: Tensor, like: Tensor | None = None) -> Tensor:
    """The backend's tensor of `x`, of the type of `like`; a symbolic one stays."""
    if isinstance(x, keras.KerasTensor):
        return x
    return keras.ops.convert_to_tensor(x, None if like is None else like.dtype)


def fits(shape: Shape, expected: Shape) -> bool:
    """Whether sizes are as many as expected, and the same where both are known.

    Example:
    >>> fits((2, 3), (None, 3)), fits((2, 3), (2, 4))
    (True, False)
    """
    return len(shape) == len(expected) and all(
        None in pair or pair[0] == pair[1] for pair in zip(shape, expected, strict=True)
    )


def check_ids(owner: str, ids: Tensor, depth: int) -> None:
    """Refuse class numbers out of range, where their values are known yet.

    Inside a compiled graph they are not: there TensorFlow's lookup fails by itself on
    the CPU, and other devices and compilers answer something arbitrary.

    Raises:
        ValueError: an id is negative, or not below `depth`.
    """
    values = _known_values(ids)
    if values is None or values.size == 0:
        return
    least, most = int(np.min(values)), int(np.max(values))
    if least < 0 or most >= depth:
        wrong = least if least < 0 else most
        raise ValueError(f"{owner} needs ids from 0 to {depth - 1}. Received: {wrong}.")


def _known_values(x: Tensor) -> np.ndarray | None:
    """The values of a tensor; None for a symbolic one, or while a graph is traced."""
    if isinstance(x, keras.KerasTensor):
        return None
    try:
        return keras.ops.convert_to_numpy(x)
    except (NotImplementedError, TypeError, RuntimeError):  # TensorFlow, JAX, PyTorch
        return None
