"""LiteRT (`.tflite`), for phones and microcontrollers."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kerasheet_export.errors import ExportError
from kerasheet_export.signature import Function


def write_litert(model: keras.Model, function: Function, path: Path) -> None:
    """Write a computation with the names of its inputs and outputs.

    Batch norm is folded into the weights, and the size of the batch stays free. Only
    LiteRT's own operations are used: TensorFlow's would ask every reader for a runtime
    of some hundred megabytes.

    Args:
        model: whose weights the function reads.
        function: traced, of named tensors to a dict of tensors.
        path: of the `.tflite` file.

    Raises:
        ExportError: LiteRT lacks an operation. A recurrent layer needs a batch of fixed
            size.
    """
    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()], module
    )
    try:
        path.write_bytes(converter.convert())
    except Exception as error:  # a RuntimeError of TensorFlow's private module
        raise ExportError(
            f"{model.name!r} cannot be written for LiteRT: {_reason(error)}. "
            "Export it as ONNX, or, if it is recurrent, for a batch of fixed size."
        ) from error


def run_litert(path: Path, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every output of the one signature in a `.tflite` file.

    Args:
        path: of the file.
        inputs: an array for each input, by its name.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*tf.lite.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(str(path))
    return interpreter.get_signature_runner()(**inputs)


def _reason(error: Exception) -> str:
    """The converter's first complaint, without the place in the code."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rpartition("error: ")[2].rstrip(".")
