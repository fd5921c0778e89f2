"""Answers of `:predict`, in TensorFlow Serving's row and column formats.

Row: `{"predictions": [...]}`, one element per instance. Column: `{"outputs": ...}`, one
list per tensor.
"""

import base64
import json
import math
from collections.abc import Mapping

from kerasheet_serving.dtypes import TENSORFLOW_NAMES, Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.v1.number_text import number_texts


def write_predict(outputs: Mapping[str, Array], rows: bool) -> bytes:
    """Write the output tensors as the body of an answer.

    Args:
        outputs: the tensors by name.
        rows: whether to answer in row format.

    Raises:
        InvalidArgument: row format, and a tensor has no rows or not as many as
            another; or the protocol has no such type.
    """
    if not rows:
        columns = {name: _texts(name, a, 0)[0] for name, a in outputs.items()}
        return _body("outputs", _join(columns))
    _check_batch(outputs)
    lists = {name: _texts(name, array, 1) for name, array in outputs.items()}
    predictions = [
        _join(dict(zip(lists, row, strict=True)))
        for row in zip(*lists.values(), strict=True)
    ]
    return _body("predictions", f"[{','.join(predictions)}]")


def _check_batch(outputs: Mapping[str, Array]) -> None:
    batch = 0
    for name, array in outputs.items():
        if array.ndim == 0:
            raise InvalidArgument(f"Tensor name: {name} has no shape information ")
        size = array.shape[0]
        if size < 1:
            raise InvalidArgument(f"Tensor name: {name} has invalid batch size: {size}")
        if batch not in (0, size):
            raise InvalidArgument(
                f"Tensor name: {name} has inconsistent batch size: {size} "
                f"expecting: {batch}"
            )
        batch = size


def _texts(name: str, array: Array, axes: int) -> list[str]:
    """JSON of every part of `array`, split along its first `axes` axes."""
    texts = _leaf_texts(name, array)
    for axis in range(array.ndim - 1, axes - 1, -1):
        size = array.shape[axis]
        texts = [
            f"[{','.join(texts[index * size : (index + 1) * size])}]"
            for index in range(math.prod(array.shape[:axis]))
        ]
    return texts


def _leaf_texts(name: str, array: Array) -> list[str]:
    if array.dtype.char in "fd":  # the name takes longer than all else here
        return number_texts(array)
    match array.dtype.name:
        case "bool":
            return ["true" if value else "false" for value in array.flat]
        case "object" if name.endswith("_bytes"):
            return [f'{{"b64":"{_base64(value)}"}}' for value in array.flat]
        case "object":
            return [json.dumps(value, ensure_ascii=False) for value in array.flat]
        case "int8" | "int16" | "int32" | "int64" | "uint8" | "uint32" | "uint64":
            return list(map(str, array.ravel().tolist()))
        case other:
            raise InvalidArgument(
                "Failed to write JSON value for tensor type: "
                f"{TENSORFLOW_NAMES.get(other, other)}"
            )


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _join(members: Mapping[str, str]) -> str:
    """JSON of an object, or of the value alone if there is only one."""
    if len(members) == 1:
        return next(iter(members.values()))
    pairs = (f"{json.dumps(name)}:{text}" for name, text in members.items())
    return f"{{{','.join(pairs)}}}"


def _body(key: str, text: str) -> bytes:
    return f'{{"{key}":{text}}}'.encode()
