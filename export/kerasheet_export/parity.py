"""Proof that every exported form answers as the Keras model does."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasheet_export.errors import ExportError, ParityError
from kerasheet_export.signature import CLASSES, LOGITS, Signature
from kerasheet_serving import Deviation

TOLERANCE = 1e-5
"""Largest difference allowed: absolute, or relative to the largest value."""

LOGITS_TOLERANCE = 1e-4
"""Likewise of logits: float32 alone moves those of a network of ill-conditioned weights
by more than 1e-5 of the largest, in Keras and elsewhere, and softmax forgives it."""

Arrays = Mapping[str, np.ndarray]
Run = Callable[[Arrays], Mapping[str, Any]]
"""Of inputs to outputs, by their names."""

Parity = dict[str, dict[str, Deviation]]
"""By form, such as `"onnx"`, and output."""


def measure_parity(
    signature: Signature, runs: Mapping[str, Run], batches: Sequence[np.ndarray]
) -> Parity:
    """Largest differences from Keras over some batches.

    Args:
        signature: of the model, with a single input.
        runs: what answers for each form.
        batches: inputs of several sizes.

    Raises:
        ExportError: the model itself answers with what is no number.
        ParityError: a difference exceeds what is allowed, or is not a number.
    """
    [spec] = signature.inputs
    pairs = [({spec.name: batch}, keras_answers(signature, batch)) for batch in batches]
    name = signature.model.name
    return {form: compare(name, form, run, pairs) for form, run in runs.items()}


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
        ParityError: a difference exceeds what is allowed, or is not a number, or an
            answer is missing or of another shape. Only `classes` may be missing.
    """
    found: dict[str, Deviation] = {}
    for inputs, expected in pairs:
        answers = run(inputs)
        for output in expected.keys() - ({CLASSES} - answers.keys()):
            one = _deviation(answers.get(output), expected[output])
            found[output] = _larger(one, found.get(output, one))
    for output, delta in sorted(found.items()):
        allowed = LOGITS_TOLERANCE if output == LOGITS else TOLERANCE
        if not min(delta.absolute, delta.relative) <= allowed:
            raise ParityError(
                f"The {form} form of {name!r} differs from Keras by "
                f"{delta.absolute:.1e} on {output}, {delta.relative:.1e} of the "
                f"largest value, where {allowed:.0e} is allowed. It must not be used."
            )
    return dict(sorted(found.items()))


def _larger(one: Deviation, other: Deviation) -> Deviation:
    """The larger of each figure; of what is no number nothing is larger."""
    return Deviation(
        float(np.maximum(one.absolute, other.absolute)),
        float(np.maximum(one.relative, other.relative)),
    )


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
