"""Data of a tensor in a message of the Open Inference Protocol, as numbers or strings.

Each type has a field of its own or shares a wider one; FP16 has none.
"""

from typing import Any

import numpy as np

from kerasheet_serving.dtypes import V2_NAMES, Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.grpc.open_inference_pb2 import InferTensorContents

_FIELDS = {
    "float32": "fp32_contents",
    "float64": "fp64_contents",
    "int8": "int_contents",
    "int16": "int_contents",
    "int32": "int_contents",
    "int64": "int64_contents",
    "uint8": "uint_contents",
    "uint16": "uint_contents",
    "uint32": "uint_contents",
    "uint64": "uint64_contents",
    "bool": "bool_contents",
    "str": "bytes_contents",
}
_WIDE = {"int_contents": "int32", "uint_contents": "uint32"}


def has_field(dtype: str) -> bool:
    """Whether a message can hold numbers of a type one by one."""
    return dtype in _FIELDS


def read_contents(contents: InferTensorContents, dtype: str, where: str) -> Array:
    """Make a flat array of a message's numbers; strings stay `bytes`.

    Args:
        contents: of one tensor.
        dtype: NumPy's name of the type to make; `"str"` gives objects.
        where: the contents are, for the error.

    Raises:
        InvalidArgument: they are in another field, or too large for the type.
    """
    name = V2_NAMES[dtype]
    if not has_field(dtype):
        raise InvalidArgument(f"{where} is {name}, which only 'raw_input_contents' has")
    field = _FIELDS[dtype]
    for found, _ in contents.ListFields():
        if found.name != field:
            raise InvalidArgument(
                f"{where} has {found.name!r}, but {name} belongs in {field!r}"
            )
    values: Any = getattr(contents, field)
    if dtype == "str":
        return np.array([*values], dtype=object)
    wide = np.array(values, _WIDE.get(field, dtype))
    if wide.dtype == dtype:
        return wide
    limits = np.iinfo(dtype)
    wrong = wide[(wide < limits.min) | (wide > limits.max)]
    if wrong.size:
        raise InvalidArgument(f"{where} has {wrong[0]}, which is no {name}")
    return wide.astype(dtype)


def write_contents(array: Array) -> InferTensorContents:
    """Write the values of an array one by one; its type has a field."""
    values: list[Any] = array.ravel().tolist()
    if array.dtype.hasobject:
        values = [v.encode() if isinstance(v, str) else v for v in values]
        return InferTensorContents(bytes_contents=values)
    fields: dict[str, Any] = {_FIELDS[array.dtype.name]: values}
    return InferTensorContents(**fields)
