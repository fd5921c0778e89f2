"""What the formulas take: tensors, arrays, lists, and Keras' symbolic tensors."""

import keras

from kerasheet.typing import Tensor


def as_tensor(x: Tensor) -> Tensor:
    """The backend's tensor of `x`; a symbolic one stays as it is."""
    return x if isinstance(x, keras.KerasTensor) else keras.ops.convert_to_tensor(x)
