"""ONNX's TensorProto, the format of test data, without the library of that name.

A message of Protocol Buffers is a list of numbered fields. Of a tensor, only those that
hold its name, type, shape and numbers are read.
"""

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import RepositoryError

_DIMS, _TYPE, _STRINGS, _NAME, _RAW, _LOCATION = 1, 2, 6, 8, 9, 14
_DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "str",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
}
_EMPTY, _UNSIGNED = 5, 11
_NUMBERS = {4: "<f4", 5: "<i4", 7: "<i8", 10: "<f8", 11: "<u8"}
"""Fields that hold numbers where there is no raw data, and their types."""

_VARINT, _BYTES = 0, 2
_SIZES = {1: 8, 5: 4}
"""Bytes of a field of fixed size, by what the key of the field says."""

Field = int | bytes


def read_tensor_proto(content: bytes) -> tuple[str, Array]:
    """The name and the array of a serialized TensorProto; strings as objects.

    Raises:
        RepositoryError: it is malformed, or of a type that is not served.
    """
    try:
        fields: dict[int, list[Field]] = {}
        for number, value in _fields(content):
            fields.setdefault(number, []).append(value)
        name = b"".join(_bytes(fields, _NAME)).decode()
        shape = _integers(fields, _DIMS)
        dtype = _DTYPES[_integers(fields, _TYPE)[-1]]
        if _LOCATION in fields and _integers(fields, _LOCATION)[-1]:
            raise ValueError("its data lies in another file")
        return name, _array(fields, dtype, shape)
    except (ValueError, LookupError, OverflowError) as error:
        raise RepositoryError(
            f"It is not a TensorProto that is served: {error}."
        ) from error


def _array(fields: dict[int, list[Field]], dtype: str, shape: list[int]) -> Array:
    if dtype == "str":
        texts = [value.decode() for value in _bytes(fields, _STRINGS)]
        return np.array(texts, object).reshape(shape)
    kind = np.dtype(dtype).newbyteorder("<")
    if _RAW in fields:
        array = np.frombuffer(b"".join(_bytes(fields, _RAW)), kind)
    else:
        array = _typed(fields, dtype)
    if array.size != math.prod(shape):
        raise ValueError(f"{array.size} numbers for the shape {shape}")
    return array.reshape(shape).astype(dtype)


def _typed(fields: dict[int, list[Field]], dtype: str) -> Array:
    """Numbers of the one field that has them, where packed or one by one."""
    number = next((number for number in _NUMBERS if number in fields), _EMPTY)
    kind = _NUMBERS[number]
    if kind in ("<f4", "<f8"):
        array = np.frombuffer(b"".join(_bytes(fields, number)), kind)
    else:
        array = np.array(_integers(fields, number), np.dtype(kind).newbyteorder("="))
    return array.astype(np.uint16).view("float16") if dtype == "float16" else array


def _integers(fields: dict[int, list[Field]], number: int) -> list[int]:
    """All varints of a field, each signed as 64 bits are."""
    values = fields.get(number, [])
    found = chain.from_iterable(
        [value] if isinstance(value, int) else _varints(value) for value in values
    )
    if number == _UNSIGNED:
        return list(found)
    return [value - 2**64 if value >= 2**63 else value for value in found]


def _bytes(fields: dict[int, list[Field]], number: int) -> list[bytes]:
    values = fields.get(number, [])
    if not all(isinstance(value, bytes) for value in values):
        raise ValueError(f"field {number} holds no bytes")
    return [value for value in values if isinstance(value, bytes)]


def _fields(content: bytes) -> Iterator[tuple[int, Field]]:
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        wire = key & 7
        if wire == _VARINT:
            value, at = _varint(content, at)
            yield key >> 3, value
            continue
        if wire == _BYTES:
            size, at = _varint(content, at)
        else:
            size = _SIZES[wire]
        if at + size > len(content):
            raise ValueError("it ends too soon")
        yield key >> 3, content[at : at + size]
        at += size


def _varints(content: bytes) -> Iterator[int]:
    at = 0
    while at < len(content):
        value, at = _varint(content, at)
        yield value


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value & (2**64 - 1), at
