"""Data of a tensor in the Open Inference Protocol: in JSON, or as bytes.

Bytes are little-endian and in row-major order; of a string, its length in four bytes
comes before it.
"""

import json
import struct
from itertools import chain
from typing import Any

import numpy as np

from kerasheet_serving.dtypes import V2_NAMES, Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import NON_FINITE, shown

_MAX_RANK = 64  # of a NumPy array
_LEAVES: dict[str, set[type]] = {"f": {int, float}, "b": {bool}, "U": {str}}
_LENGTH = struct.Struct("<I")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def read_json(data: list[Any], dtype: str, where: str) -> Array:
    """Make an array of JSON's values, flat or nested.

    Args:
        data: parsed JSON.
        dtype: NumPy's name of the type to make; `"str"` gives objects.
        where: the data are, for the error.

    Raises:
        InvalidArgument: the lists are ragged, or a value is not of that type.
    """
    shape = [len(data)]
    leaves = data
    while leaves and set(map(type, leaves)) == {list}:
        sizes = set(map(len, leaves))
        if len(sizes) > 1:
            raise InvalidArgument(
                f"{where} has lists of different lengths: {shown(data)}"
            )
        shape.append(sizes.pop())
        leaves = list(chain.from_iterable(leaves))
    if len(shape) > _MAX_RANK:
        raise InvalidArgument(f"{where} has {len(shape)} levels of lists")
    wrong, array = _read_leaves(leaves, dtype)
    if array is None:
        raise InvalidArgument(
            f"{where} has {shown(wrong)}, which is no {V2_NAMES[dtype]}"
        )
    return array.reshape(shape)


def write_json(array: Array) -> str:
    """Write the values of an array as one flat JSON list."""
    return _ENCODER.encode(array.ravel().tolist())


def read_bytes(content: bytes, dtype: str, where: str) -> Array:
    """Make a flat array of bytes; strings stay `bytes`.

    Raises:
        InvalidArgument: the bytes end in the middle of a value.
    """
    if dtype == "bool":
        return np.frombuffer(content, np.uint8) != 0
    if dtype == "str":
        strings = _read_strings(content)
        if strings is not None:
            return np.array(strings, dtype=object)
    else:
        little = np.dtype(dtype).newbyteorder("<")
        if len(content) % little.itemsize == 0:
            return np.frombuffer(content, little).astype(dtype)  # a copy is aligned
    raise InvalidArgument(
        f"{where} has {len(content)} bytes, the last of which are no whole "
        f"{V2_NAMES[dtype]}"
    )


def write_bytes(array: Array) -> bytes:
    """Write an array as bytes."""
    if array.dtype.hasobject:
        return b"".join(map(_write_string, array.flat))
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _read_leaves(leaves: list[Any], dtype: str) -> tuple[Any, Array | None]:
    """A flat array; or, if there can be none, the value in the way."""
    kind = np.dtype(dtype).kind
    allowed = _LEAVES.get(kind, {int})
    if not set(map(type, leaves)) <= allowed:
        return next(leaf for leaf in leaves if type(leaf) not in allowed), None
    if kind == "f":
        return _read_floats(leaves, dtype)
    try:
        return None, np.array(leaves, dtype=object if kind == "U" else dtype)
    except OverflowError:
        limits = np.iinfo(dtype)
        return next(n for n in leaves if not limits.min <= n <= limits.max), None


def _read_floats(leaves: list[Any], dtype: str) -> tuple[Any, Array | None]:
    try:
        numbers = np.array(leaves, dtype=np.float64)
    except OverflowError:
        return max(leaves, key=abs), None
    with np.errstate(over="ignore"):
        array = numbers.astype(dtype)
    for index in np.flatnonzero(np.isinf(array)).tolist():
        if not any(leaves[index] is constant for constant in NON_FINITE.values()):
            return leaves[index], None
    return None, array


def _read_strings(content: bytes) -> list[bytes] | None:
    strings = []
    offset = 0
    while offset < len(content):
        start = offset + _LENGTH.size
        if start > len(content):
            return None
        offset = start + _LENGTH.unpack_from(content, offset)[0]
        strings.append(content[start:offset])
    return strings if offset == len(content) else None


def _write_string(value: str | bytes) -> bytes:
    content = value.encode() if isinstance(value, str) else value
    return _LENGTH.pack(len(content)) + content
