"""Types of tensors, as NumPy, ONNX and the protocols name them."""

from functools import cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

ONNX_NAMES = {
    "float16": "float16",
    "float32": "float",
    "float64": "double",
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "uint64": "uint64",
    "bool": "bool",
    "str": "string",
}

TENSORFLOW_NAMES = {**ONNX_NAMES, "float16": "half"}

V2_NAMES = {
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "bool": "BOOL",
    "str": "BYTES",
}


def v2_name(array: Array) -> str:
    """Name of an array's type in the Open Inference Protocol; objects are strings."""
    return _v2_name(array.dtype)


@cache  # NumPy makes the name of a type anew each time
def _v2_name(dtype: np.dtype[Any]) -> str:
    return V2_NAMES["str" if dtype.hasobject else dtype.name]
