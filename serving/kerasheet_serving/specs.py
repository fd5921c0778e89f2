"""Names, types and shapes of what models take and give."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TensorSpec:
    """Name, type and shape of one input or output.

    Args:
        name: as the model's graph spells it.
        dtype: NumPy's name of the type, `"str"` for strings.
        shape: sizes; a string names a dimension that varies, such as `"batch"`.
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        """Write the tensor as in `x float32[batch, 28, 28, 1]`."""
        return f"{self.name} {self.dtype}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class GraphSpec:
    """One more ONNX graph of a version, beside `model.onnx`.

    Args:
        file: its name in the version directory.
        inputs: tensors it takes.
        outputs: tensors it gives.
    """

    file: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


@dataclass(frozen=True)
class SignatureSpec:
    """What a SavedModel answers under a name.

    Args:
        inputs: tensors it takes.
        outputs: tensors it gives.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
