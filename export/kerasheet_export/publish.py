"""A Keras model, or a run, into a model repository."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasheet.language import Vocabulary
from kerasheet.training import Run
from kerasheet_export.card import write_card
from kerasheet_export.contents import Tell, write_contents
from kerasheet_export.given import (
    checked_classes,
    checked_labels,
    checked_metrics,
    checked_samples,
    checked_scale,
)
from kerasheet_export.onnx import OPSET
from kerasheet_export.options import ONNX, SAVED_MODEL, Options
from kerasheet_export.plan import Plan
from kerasheet_export.precision import in_float32
from kerasheet_export.recurrence import LOOP
from kerasheet_export.subject import of_model, of_run
from kerasheet_serving import Repository, write_manifest


def _nothing(step: str) -> None:
    """Tell nobody."""


def export(
    model: keras.Model | Run,
    repository: str | Path,
    name: str | None = None,
    *,
    version: int | None = None,
    formats: Sequence[str] = (SAVED_MODEL, ONNX),
    opset: int = OPSET,
    quantize: Sequence[str] = (),
    rnn: str = LOOP,
    uint8: bool = False,
    labels: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
    metrics: Mapping[str, float] | None = None,
    samples: np.ndarray | None = None,
    classes: np.ndarray | None = None,
    scale: float | None = None,
    tell: Tell = _nothing,
) -> Path:
    """Publish a model as SavedModel and ONNX in one version directory.

    It is written beside its final place, proven equal to the Keras model, and then
    renamed: no reader ever sees a half of it.

    Args:
        model: a Keras model of logits, or a run, which brings its own labels or
            vocabulary, metrics and data. One of mixed precision is published in
            float32.
        repository: its root directory; made if it is not there.
        name: of the model in the repository; None for its own.
        version: a positive int never used before; None for the next one.
        formats: of `"saved_model"`, `"onnx"` and `"litert"`.
        opset: version of ONNX's operators, 13 to 18. From 18 on, global pooling falls
            into pieces.
        quantize: further ONNX files in fewer bits, of `"int8"` and `"fp16"`: each is
            kept only if it is small and loses at most half a point of accuracy.
        rnn: how ONNX has the recurrence of a language model: `"loop"`, the faster one
            for many sequences at once, or `"native"`, ONNX's own operator.
        uint8: whether images come in as 8 bits a channel and are scaled in the graph.
        labels: the name of each class.
        vocabulary: of a model that `kerasheet.models.rnn_lm` gave. With it the version
            has the graph `step.onnx`, whose state goes in and out, and the SavedModel
            the signatures `step` and `generate`.
        metrics: figures worth keeping beside the model.
        samples: (samples, ...), real inputs to compare the forms on, and to calibrate
            and measure fewer bits on; None for the run's own, or noise.
        classes: (samples,), their class numbers, or (samples, steps), the token after
            each; needed to measure fewer bits.
        scale: what a model of images takes for each of 255 steps of a pixel, such as 1
            / 255. With it the SavedModel has the signature `predict_bytes`, for PNG and
            JPEG files; a run knows its own.
        tell: called with what is done next, for a person who waits.

    Returns:
        The version directory.

    Raises:
        ExportError: the model cannot be exported, or not so.
        ParityError: an exported form answers differently.
        RepositoryError: the repository cannot be written to, or the version is taken.

    Example:
    >>> import tempfile
    >>> from kerasheet.models import softmax_regression
    >>> with tempfile.TemporaryDirectory() as root:
    ...     path = export(softmax_regression(), root, "first")
    ...     print(path.relative_to(root).as_posix())
    first/1
    """
    options = Options(tuple(formats), opset, tuple(quantize), rnn, uint8)
    tell("Loading the model")
    subject = (
        of_run(model, bool(quantize)) if isinstance(model, Run) else of_model(model)
    )
    known: dict[str, Any] = {
        "name": name,
        "labels": checked_labels(labels) or None,
        "vocabulary": vocabulary,
        "metrics": None if metrics is None else checked_metrics(metrics),
        "scale": None if scale is None else checked_scale(scale),
        **_data(subject.model, samples, classes),
    }
    subject = dataclasses.replace(
        subject,
        model=in_float32(subject.model),
        **{key: value for key, value in known.items() if value is not None},
    )
    plan = Plan(subject, options)
    with Repository(repository).stage(subject.name, version) as staging:
        manifest = write_contents(plan, staging.path, staging.version, tell)
        write_card(staging.path, manifest, subject.curves)
        write_manifest(staging.path, manifest)
        tell("Publishing")
        return staging.publish()


def _data(
    model: keras.Model, samples: np.ndarray | None, classes: np.ndarray | None
) -> dict[str, np.ndarray]:
    """The caller's samples, by what they are used for."""
    x = None if samples is None else checked_samples(model, samples)
    y = None if classes is None else checked_classes(model, x, classes)
    if x is None:
        return {}
    return {"samples": x} | (
        {} if y is None else {"test_x": x, "test_y": y, "calibration": x}
    )
