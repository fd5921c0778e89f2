"""What is exported: a model, and all that is known of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version as release
from pathlib import Path

import keras
import numpy as np

from kerasheet.data import Dataset, load_images
from kerasheet.errors import DataError
from kerasheet.language import Corpus, Vocabulary
from kerasheet.training import Recipe, Run, sample_inputs
from kerasheet.training.text_source import read_corpus
from kerasheet_export.errors import ExportError
from kerasheet_export.model_form import check_model

TOOLS = ("kerasheet", "keras", "tensorflow", "tf2onnx", "onnx")
SAMPLES = 64
CALIBRATION, TEST = 256, 2000
"""Training samples to calibrate on, and test samples to measure on, at most."""

STEPS = 32
"""Tokens of a sample of text."""

EIGHT_BITS = 1 / 255
"""What our data sets make of each of 255 steps of a pixel."""


def no_samples() -> np.ndarray:
    """None at all."""
    return np.zeros(0, "float32")


@dataclass(frozen=True)
class Subject:
    """A model, and all that is known of it.

    Attributes:
        model: of logits.
        name: in the repository.
        labels: the name of each class.
        vocabulary: of a language model.
        metrics: figures worth keeping beside the model.
        samples: (samples, ...), real inputs to compare the forms on.
        test_x: (samples, ...), real inputs that the model has not learned from.
        test_y: (samples,), their class numbers.
        calibration: (samples, ...), real inputs it has learned from.
        scale: what the model takes for each of 255 steps of a pixel.
        provenance: where the model came from.
        curves: a picture of how it was trained.
    """

    model: keras.Model
    name: str
    labels: Sequence[str] = ()
    vocabulary: Vocabulary | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    samples: np.ndarray = field(default_factory=no_samples)
    test_x: np.ndarray = field(default_factory=no_samples)
    test_y: np.ndarray = field(default_factory=no_samples)
    calibration: np.ndarray = field(default_factory=no_samples)
    scale: float | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    curves: Path | None = None

    def __post_init__(self) -> None:
        """Refuse another form of model, and names that do not match the classes."""
        check_model(self.model)
        _check_names(self.model, self.labels, "labels")
        if self.vocabulary is not None:
            _check_names(self.model, self.vocabulary.tokens, "tokens")


def of_model(model: keras.Model) -> Subject:
    """What is known of a bare model: the versions that made it.

    Raises:
        ExportError: it is no model.
    """
    if not isinstance(model, keras.Model):
        raise ExportError(
            "A keras.Model or a run is exported. Received: "
            f"{type(model).__name__}. Read a run with kerasheet.training.read_run."
        )
    return Subject(model, model.name, provenance=_versions())


def of_run(run: Run, measured: bool) -> Subject:
    """What is known of a run.

    Args:
        run: the run.
        measured: whether labelled samples are needed, to measure and calibrate on.

    Raises:
        ExportError: they are, and cannot be had.
        RunError: the model file is damaged.
    """
    recipe, samples = run.recipe, sample_inputs(run, SAMPLES)
    subject = Subject(
        run.load_model(),
        recipe.model,
        run.labels,
        run.vocabulary,
        run.metrics,
        no_samples() if samples is None else samples,
        scale=EIGHT_BITS if run.vocabulary is None else None,
        provenance=_provenance(recipe),
        curves=run.path / "curves.png",
    )
    return _with_data(subject, run) if measured else subject


def _provenance(recipe: Recipe) -> dict[str, str]:
    """Where a run came from, with nothing of the machine it came from."""
    data = Path(recipe.data).name
    text = json.dumps({**recipe.to_json(), "data": data}, sort_keys=True)
    return {**_versions(), "dataset": data, "recipe": text}


def _with_data(subject: Subject, run: Run) -> Subject:
    """With samples to measure and to calibrate on."""
    try:
        if run.recipe.text is not None:
            return _with_text(subject, read_corpus(run.recipe.data, run.recipe.text))
        return _with_images(subject, load_images(run.recipe.data, run.recipe.size))
    except DataError as error:
        raise ExportError(
            f"Fewer bits are measured on the data of the run, which cannot be had: "
            f"{error}"
        ) from error


def _with_images(subject: Subject, data: Dataset) -> Subject:
    rng = np.random.default_rng(0)
    test, train = (
        part.subset(np.sort(rng.permutation(len(part.y))[:most])).load()
        for part, most in ((data.test, TEST), (data.train, CALIBRATION))
    )
    return replace(subject, test_x=test.x, test_y=test.y, calibration=train.x)


def _with_text(subject: Subject, corpus: Corpus) -> Subject:
    """The held-out tail in windows, and the token after each of theirs."""
    ids = corpus.test[: TEST * STEPS + 1].astype(np.int32)
    steps = max(1, min(STEPS, len(ids) - 1))
    windows = (len(ids) - 1) // steps
    x, y = (
        ids[start : start + windows * steps].reshape(windows, steps)
        for start in range(2)
    )
    return replace(subject, test_x=x, test_y=y, calibration=x)


def _versions() -> dict[str, str]:
    return {tool: release(tool) for tool in TOOLS}


def _check_names(model: keras.Model, names: Sequence[str], kind: str) -> None:
    classes = model.outputs[0].shape[-1]
    if len(names) not in (0, classes):
        raise ExportError(
            f"Exporting {model.name!r} needs as many {kind} as classes, {classes}. "
            f"Received: {len(names)} {kind}."
        )
