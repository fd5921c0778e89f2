"""Types of tensors, as NumPy, ONNX and TensorFlow name them."""

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
