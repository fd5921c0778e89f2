"""Inputs of a request in the Open Inference Protocol, checked against the model."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from kerasheet_serving.dtypes import V2_NAMES, Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import shown
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v2.json_member import member

_LARGEST = 2**63 - 1  # what an int64 holds, as the protocol says

ReadData = Callable[[dict[str, Any], TensorSpec, str], Array]
"""Of what describes an input, what it is to the model, and its name in errors."""


def v2_shape(spec: TensorSpec) -> list[int]:
    """Shape of a tensor; -1 stands for a size that varies."""
    return [-1 if isinstance(size, str) else size for size in spec.shape]


def listed(names: Iterable[str]) -> str:
    """Write names into an error message."""
    return ",".join(f"'{name}'" for name in names)


class Inputs:
    """Collects the inputs of one request.

    Args:
        model: name it was asked by.
        specs: what it takes.
        read: finds the data of an input, flat or in its shape.
    """

    def __init__(self, model: str, specs: Iterable[TensorSpec], read: ReadData) -> None:
        self._model = model
        self._specs = {spec.name: spec for spec in specs}
        self._read = read
        self._arrays: dict[str, Array] = {}

    def add(self, tensor: dict[str, Any]) -> None:
        """Read one input.

        Args:
            tensor: what describes it: `name`, `datatype`, `shape` and `parameters`.

        Raises:
            InvalidArgument: it is malformed, or not what the model takes.
        """
        name = member(tensor, "name", str, "an input")
        if name not in self._specs or name in self._arrays:
            again = " for the second time" if name in self._arrays else ""
            raise InvalidArgument(
                f"unexpected inference input '{name}'{again} for model "
                f"'{self._model}', which takes {listed(self._specs) or 'none'}"
            )
        where = f"input '{name}'"
        spec = self._specs[name]
        expected = V2_NAMES[spec.dtype]
        datatype = member(tensor, "datatype", str, where)
        if datatype != expected:
            raise InvalidArgument(
                f"inference {where} data-type is '{datatype}', but model "
                f"'{self._model}' expects '{expected}'"
            )
        shape = member(tensor, "shape", list, where)
        if not _fits(shape, v2_shape(spec)):
            raise InvalidArgument(
                f"unexpected shape for {where} for model '{self._model}'. "
                f"Expected {_sizes(v2_shape(spec))}, got {shown(shape)}"
            )
        if "shared_memory_region" in member(tensor, "parameters", dict, where, {}):
            raise InvalidArgument(f"{where} is in shared memory, which is not read")
        self._arrays[name] = _shaped(self._read(tensor, spec, where), shape, where)

    def complete(self) -> dict[str, Array]:
        """All inputs by name.

        Raises:
            InvalidArgument: one is missing.
        """
        missing = self._specs.keys() - self._arrays.keys()
        if missing:
            raise InvalidArgument(
                f"expected {len(self._specs)} inputs but got {len(self._arrays)} "
                f"inputs for model '{self._model}'. Got input(s) "
                f"[{listed(self._arrays)}], but missing required input(s) "
                f"[{listed(sorted(missing))}]. Please provide all required input(s)."
            )
        return self._arrays


def _fits(shape: list[Any], expected: list[int]) -> bool:
    return len(shape) == len(expected) and all(
        type(size) is int and size >= 0 and need in (-1, size)
        for size, need in zip(shape, expected, strict=True)
    )


def _shaped(array: Array, shape: list[int], where: str) -> Array:
    """Give flat data their shape; nested data must have it already."""
    if max(shape, default=0) > _LARGEST:
        raise _too_large(shape, where)
    if array.ndim > 1 and list(array.shape) != shape:
        raise InvalidArgument(
            f"{where} of shape {_sizes(shape)} has data of shape {_sizes(array.shape)}"
        )
    if array.size != math.prod(shape):
        raise InvalidArgument(
            f"{where} of shape {_sizes(shape)} needs {math.prod(shape)} values, "
            f"received {array.size}"
        )
    try:
        return array.reshape(shape)
    except (ValueError, OverflowError) as error:  # [0, 2**62, 4]
        raise _too_large(shape, where) from error


def _too_large(shape: list[int], where: str) -> InvalidArgument:
    return InvalidArgument(f"{where} has a shape too large: {shown(shape)}")


def _sizes(shape: Iterable[int]) -> str:
    return f"[{','.join(map(str, shape))}]"
