"""What the formulas take: tensors, arrays, lists, and Keras' symbolic tensors."""

import keras

from kerasheet.typing import Tensor


def as_tensor(x: Tensor, like: Tensor | None = None) -> Tensor:
    """The backend's tensor of `x`, of the type of `like`; a symbolic one stays."""
    if isinstance(x, keras.KerasTensor):
        return x
    return keras.ops.convert_to_tensor(x, None if like is None else like.dtype)
