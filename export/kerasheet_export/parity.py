"""Proof that every exported form answers as the Keras model does."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasheet_export.errors import ExportError, ParityError
from kerasheet_export.saved_model import SavedModel
from kerasheet_export.signature import PROBABILITIES, Signature
from kerasheet_export.text_signature import STEP
from kerasheet_serving import Deviation, Session

TOLERANCE = 1e-5
"""Largest difference allowed: absolute, or relative to the largest value."""

Arrays = Mapping[str, np.ndarray]
Run = Callable[[Arrays], Mapping[str, Any]]
"""Of inputs to outputs, by their names."""

Parity = dict[str, dict[str, Deviation]]
"""By form, such as `"onnx"`, and output."""


def measure_parity(
    signature: Signature,
    directory: Path,
    batches: Sequence[np.ndarray],
    forms: Sequence[str],
) -> Parity:
    """Largest differences from Keras over some batches, in who will read each form.

    ONNX runs in the very session that will serve it; the SavedModel without Keras.

    Args:
        signature: of the model, with a single input.
        directory: a version directory, with its manifest.
        batches: inputs of several sizes.
        forms: those that the directory has.

    Returns:
        Per form and output. Of a language model that has a step also of its steps,
        token by token, against Keras on the whole sequence.

    Raises:
        ExportError: the model itself answers with what is no number.
        ParityError: a difference exceeds `TOLERANCE`, or is not a number.
    """
    [spec] = signature.inputs
    pairs = [({spec.name: batch}, keras_answers(signature, batch)) for batch in batches]
    return {
        form: compare(signature.model.name, form, run, pairs)
        for form, run in _runs(directory, forms).items()
    }


def keras_answers(signature: Signature, batch: np.ndarray) -> dict[str, np.ndarray]:
    """What the Keras model gives for a batch.

    Raises:
        ExportError: some of it is no number.
    """
    model = signature.model
    inputs = signature.prepare(keras.ops.convert_to_tensor(batch))
    outputs = signature.answer(model(inputs, training=False))
    answers = {name: np.asarray(value.numpy()) for name, value in outputs.items()}
    for name, array in answers.items():
        if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
            raise ExportError(
                f"{model.name!r} answers with {name} that are no numbers. Nothing was "
                "published: train it again, with a smaller learning rate."
            )
    return answers


def compare(
    name: str, form: str, run: Run, pairs: Sequence[tuple[Arrays, Arrays]]
) -> dict[str, Deviation]:
    """The largest differences of a form, by output.

    Args:
        name: of the model.
        form: what is compared.
        run: what answers.
        pairs: inputs, and the answers expected.

    Raises:
        ParityError: a difference exceeds `TOLERANCE`, or an answer is missing or of
            another shape.
    """
    found: dict[str, Deviation] = {}
    for inputs, expected in pairs:
        answers = run(inputs)
        for output in expected.keys() & answers.keys():
            one = _deviation(answers[output], expected[output])
            other = found.get(output, one)
            found[output] = Deviation(
                max(one.absolute, other.absolute), max(one.relative, other.relative)
            )
    for output, delta in sorted(found.items()):
        if not min(delta.absolute, delta.relative) <= TOLERANCE:
            raise ParityError(
                f"The {form} form of {name!r} differs from Keras by "
                f"{delta.absolute:.1e} on {output}, {delta.relative:.1e} of the "
                f"largest value, where {TOLERANCE:.0e} is allowed. It must not be used."
            )
    return dict(sorted(found.items()))


def _deviation(answer: Any, expected: np.ndarray) -> Deviation:
    answer = np.asarray(answer)
    if answer.shape != expected.shape:
        return Deviation(np.inf, np.inf)
    if expected.dtype.kind in "SO":
        wrong = float(np.any(_text(answer) != _text(expected)))
        return Deviation(wrong, wrong)
    absolute = float(np.max(np.abs(answer - expected), initial=0.0))
    largest = float(np.max(np.abs(expected), initial=0.0))
    return Deviation(absolute, absolute / largest if largest else absolute)


def _text(array: np.ndarray) -> np.ndarray:
    texts = [one.decode() if isinstance(one, bytes) else str(one) for one in array.flat]
    return np.array(texts, object)


def _runs(directory: Path, forms: Sequence[str]) -> dict[str, Run]:
    """What answers, by form."""
    runs: dict[str, Run] = {}
    if "saved_model" in forms:
        saved_model = SavedModel(directory)
        runs["saved_model"] = saved_model.run
        if STEP in saved_model.signatures:
            state = saved_model.signatures[STEP].inputs[-1]
            runs["saved_model_step"] = token_by_token(
                lambda inputs: saved_model.run(inputs, STEP), state.shape[1:]
            )
    if "onnx" in forms:
        session = Session(directory)
        runs["onnx"] = session.run
        if STEP in session.manifest.graphs:
            state = session.manifest.graphs[STEP].inputs[-1]
            step = Session(directory, graph=STEP)
            runs["onnx_step"] = token_by_token(step.run, state.shape[1:])
    return runs


def token_by_token(run: Run, state_shape: Sequence[Any]) -> Run:
    """Decode a sequence one token at a time, the state handed on, as if at once."""

    def whole(inputs: Arrays) -> Arrays:
        [ids] = inputs.values()
        state = np.zeros((len(ids), *state_shape), "float32")
        answers = []
        for column in ids.T:
            answer = run({"ids": column[:, None], "state": state})
            answers.append(answer)
            state = np.asarray(answer["next_state"])
        return {
            name: np.concatenate([np.asarray(one[name]) for one in answers], axis=1)
            for name in ("logits", PROBABILITIES)
        }

    return whole
