"""JSON values into arrays, by TensorFlow Serving's rules and in its words."""

import base64
import binascii
import math
from contextlib import suppress
from itertools import chain
from typing import Any

import numpy as np

from kerasheet_serving.dtypes import TENSORFLOW_NAMES, Array
from kerasheet_serving.errors import InvalidArgument, Unimplemented
from kerasheet_serving.json_document import NON_FINITE, number_too_big, shown

_LARGEST_INTEGER = {"float32": 2**24 - 1, "float64": 2**53 - 1}
_LARGEST_FLOAT = {dtype: float(np.finfo(dtype).max) for dtype in _LARGEST_INTEGER}
_MAX_RANK = 64  # of a NumPy array
_INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint32", "uint64")
_TYPE_NAMES = {
    dict: "Object",
    list: "Array",
    str: "String",
    int: "Number",
    float: "Number",
    type(None): "Null",
}


def read_tensor(value: Any, dtype: str) -> Array:
    """Make an array of a JSON value: nested lists, or one number, string or boolean.

    Args:
        value: parsed JSON.
        dtype: NumPy's name of the type to make. `"str"` gives an array of objects:
            `str` for strings, `bytes` for `{"b64": "..."}`.

    Raises:
        InvalidArgument: the lists are ragged, or a value is not of that type.
        Unimplemented: the protocol has no such type.
    """
    array = read_regular(value, dtype)
    return array if array is not None else _read_any(value, dtype)


def read_regular(value: Any, dtype: str) -> Array | None:
    """Make an array of a value without surprises, fast; None if there may be one."""
    shape: list[int] = []
    level = [value]
    while level and set(map(type, level)) == {list}:
        sizes = set(map(len, level))
        if len(sizes) > 1:
            return None
        shape.append(sizes.pop())
        if len(shape) > _MAX_RANK:
            return None
        level = list(chain.from_iterable(level))
    leaves = _plain_leaves(level, dtype)
    return None if leaves is None else leaves.reshape(shape)


def narrowed(numbers: Array, dtype: str, some_integers: bool) -> Array | None:
    """Make float32 or float64 of float64; None if one, maybe whole, may be refused."""
    largest = _LARGEST_INTEGER[dtype] if some_integers else _LARGEST_FLOAT[dtype]
    fits = -largest <= numbers.min(initial=0) and numbers.max(initial=0) <= largest
    if not fits and (np.abs(numbers) > largest).any():  # NaN does not fit, but passes
        return None
    return numbers.astype(dtype, copy=False)


def is_base64(value: Any) -> bool:
    """Whether a JSON value is `{"b64": "..."}`, which stands for bytes."""
    return type(value) is dict and value.keys() == {"b64"} and type(value["b64"]) is str


def type_name(value: Any) -> str:
    """What kind of JSON value it is, in RapidJSON's words."""
    return str(value) if type(value) is bool else _TYPE_NAMES[type(value)]


def _plain_leaves(leaves: list[Any], dtype: str) -> Array | None:
    kinds = set(map(type, leaves))
    if dtype in _LARGEST_INTEGER and kinds <= {int, float}:
        return _plain_floats(leaves, dtype, int in kinds)
    if dtype in _INTEGERS and kinds <= {int}:
        try:
            return np.array(leaves, dtype=dtype)
        except OverflowError:
            return None
    if (dtype == "bool" and kinds <= {bool}) or (dtype == "str" and kinds <= {str}):
        return np.array(leaves, dtype="object" if dtype == "str" else dtype)
    if dtype == "str" and kinds == {dict}:
        with suppress(InvalidArgument):
            return np.array([_decode_base64(leaf) for leaf in leaves], dtype="object")
    return None


def _plain_floats(leaves: list[Any], dtype: str, some_integers: bool) -> Array | None:
    try:
        numbers = np.array(leaves, dtype=np.float64)
    except OverflowError:
        return None
    return narrowed(numbers, dtype, some_integers)


def _read_any(value: Any, dtype: str) -> Array:
    """Make an array leaf by leaf, as TensorFlow Serving does."""
    shape: list[int] = []
    first = value
    while type(first) is list:
        shape.append(len(first))
        first = first[0] if first else None
    if len(shape) > _MAX_RANK:
        raise InvalidArgument(
            f"Encountered {len(shape)} levels of lists, more than the {_MAX_RANK} "
            "dimensions a tensor can have"
        )
    leaves: list[Any] = []
    _fill(value, 0, shape, dtype, leaves)
    return np.array(leaves, dtype="object" if dtype == "str" else dtype).reshape(shape)


def _fill(
    value: Any, level: int, shape: list[int], dtype: str, leaves: list[Any]
) -> None:
    rank = len(shape)
    if type(value) is not list:
        if level != rank:
            raise InvalidArgument(
                f"JSON Value: {shown(value)} found at incorrect level: {level + 1} "
                f"in the JSON DOM. Expected at level: {rank}"
            )
        leaves.append(_leaf(value, dtype))
        return
    if level >= rank:
        raise InvalidArgument(
            f"Encountered list at unexpected level: {level} expected < {rank}"
        )
    if len(value) != shape[level]:
        raise InvalidArgument(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    for item in value:
        _fill(item, level + 1, shape, dtype, leaves)


def _leaf(value: Any, dtype: str) -> Any:
    if dtype in _LARGEST_INTEGER and type(value) in (int, float):
        return _float(value, dtype)
    if dtype in _INTEGERS and type(value) is int:
        limits = np.iinfo(dtype)
        if limits.min <= value <= limits.max:
            return value
    elif dtype == "str" and type(value) is dict:
        return _decode_base64(value)
    elif type(value) is {"str": str, "bool": bool}.get(dtype):
        return value
    elif dtype not in (*_LARGEST_INTEGER, *_INTEGERS, "str", "bool"):
        raise Unimplemented(
            f"Conversion of JSON Value: {shown(value)} to type: "
            f"{TENSORFLOW_NAMES[dtype]}"
        )
    raise InvalidArgument(
        f"JSON Value: {shown(value)} Type: {type_name(value)} "
        f"is not of expected type: {TENSORFLOW_NAMES[dtype]}"
    )


def _float(value: float, dtype: str) -> float:
    if type(value) is int and -(2**63) <= value < 2**64:
        lossless = abs(value) <= _LARGEST_INTEGER[dtype]
    else:
        value = _double(value)
        lossless = not math.isfinite(value) or abs(value) <= _LARGEST_FLOAT[dtype]
    if not lossless:
        raise InvalidArgument(
            f"Cannot convert JSON value: {shown(value)} to {TENSORFLOW_NAMES[dtype]} "
            "without loss of precision."
        )
    return value


def _double(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise number_too_big() from None
    literal = any(number is constant for constant in NON_FINITE.values())
    if math.isinf(number) and not literal:
        raise number_too_big()
    return number


def _decode_base64(value: dict[str, Any]) -> bytes:
    if not is_base64(value):
        raise InvalidArgument(
            f"JSON Value: {shown(value)} not formatted correctly for base64 data"
        )
    text = "".join(value["b64"].split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidArgument("Unable to base64 decode") from error
