"""Proof that every exported form answers as the Keras model does."""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np

from kerasheet import ops
from kerasheet.models import stateful
from kerasheet_export.errors import ParityError
from kerasheet_export.saved_model import load_saved_model
from kerasheet_export.text_signature import STEP
from kerasheet_serving import Session, read_manifest

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
        `{"saved_model": max |Δ|, "onnx": max |Δ|}`; of a language model also of its
        steps, token by token, against Keras on the whole sequence.

    Raises:
        ParityError: a difference exceeds `TOLERANCE`, or is not a number.
    """
    [name] = [tensor.name for tensor in model.inputs]
    expected = np.asarray(ops.softmax(model(samples, training=False)))
    whole = {name: samples}
    answers = {
        "saved_model": load_saved_model(directory)(**whole)["probabilities"],
        "onnx": Session(directory).run(whole)["probabilities"],
    }
    if STEP in read_manifest(directory).graphs:
        saved_model, session = (
            load_saved_model(directory, STEP),
            Session(directory, graph=STEP),
        )
        zeros = np.zeros(
            (len(samples), *stateful(model).inputs[1].shape[1:]), "float32"
        )
        answers["saved_model_step"] = _token_by_token(
            lambda ids, state: saved_model(ids=ids, state=state), samples, zeros
        )
        answers["onnx_step"] = _token_by_token(
            lambda ids, state: session.run({"ids": ids, "state": state}), samples, zeros
        )
    deltas = {
        form: float(np.max(np.abs(np.asarray(answer) - expected)))
        for form, answer in answers.items()
    }
    for form, delta in deltas.items():
        if not delta <= TOLERANCE:
            raise ParityError(
                f"The {form} form of {model.name!r} differs from Keras by {delta:.1e} "
                f"on probabilities, more than {TOLERANCE:.0e}. Nothing was published."
            )
    return deltas


def _token_by_token(
    step: Callable[[np.ndarray, np.ndarray], Mapping[str, np.ndarray]],
    ids: np.ndarray,
    state: np.ndarray,
) -> np.ndarray:
    """Probabilities at every step, decoded one token at a time, the state handed on."""
    answers = []
    for column in ids.T:
        answer = step(column[:, None], state)
        answers.append(np.asarray(answer["probabilities"]))
        state = np.asarray(answer["next_state"])
    return np.concatenate(answers, axis=1)
