"""Proof that every exported form answers as the Keras model does."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from kerasheet import ops
from kerasheet_export.errors import ParityError
from kerasheet_export.saved_model import load_saved_model
from kerasheet_serving import Session

TOLERANCE = 1e-5
"""Largest difference allowed between two probabilities."""


def measure_parity(
    model: keras.Model, directory: Path, samples: np.ndarray
) -> dict[str, float]:
    """Largest differences from Keras' probabilities over some samples.

    ONNX runs in the very session that will serve it; the SavedModel without Keras.

    Args:
        model: the Keras model.
        directory: a version directory, with its manifest.
        samples: (samples, ...), as the model takes them.

    Returns:
        `{"saved_model": max |Δ|, "onnx": max |Δ|}`.

    Raises:
        ParityError: a difference exceeds `TOLERANCE`, or is not a number.
    """
    [name] = [tensor.name for tensor in model.inputs]
    expected = np.asarray(ops.softmax(model(samples, training=False)))
    answers = {
        "saved_model": load_saved_model(directory)(**{name: samples}),
        "onnx": Session(directory).run({name: samples}),
    }
    deltas = {form: _largest(expected, answer) for form, answer in answers.items()}
    for form, delta in deltas.items():
        if not delta <= TOLERANCE:
            raise ParityError(
                f"The {form} form of {model.name!r} differs from Keras by {delta:.1e} "
                f"on probabilities, more than {TOLERANCE:.0e}. Nothing was published."
            )
    return deltas


def _largest(expected: np.ndarray, answer: Mapping[str, np.ndarray]) -> float:
    return float(np.max(np.abs(np.asarray(answer["probabilities"]) - expected)))
