"""What is exported: a model, and all that is known of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version as release
from pathlib import Path

import keras
import numpy as np

from kerasheet.data import load_images
from kerasheet.errors import DataError
from kerasheet.language import Vocabulary
from kerasheet.training import Run, sample_inputs
from kerasheet_export.errors import ExportError

TOOLS = ("kerasheet", "keras", "tensorflow", "tf2onnx", "onnx")
SAMPLES = 64
CALIBRATION, TEST = 256, 2000
"""Training samples to calibrate on, and test samples to measure on, at most."""

EIGHT_BITS = 1 / 255
"""What our data sets make of each of 255 steps of a pixel."""


@dataclass(frozen=True)
class Labelled:
    """Real inputs and their classes.

    Attributes:
        x: (samples, ...), as the model takes them.
        y: (samples,), class numbers.
    """

    x: np.ndarray
    y: np.ndarray


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
        test: real inputs that the model has not learned from, with their classes.
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
    samples: np.ndarray | None = None
    test: Labelled | None = None
    calibration: np.ndarray | None = None
    scale: float | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    curves: Path | None = None

    def __post_init__(self) -> None:
        """Refuse names that do not match the classes."""
        _check_names(self.model, self.labels, "labels")
        if self.vocabulary is not None:
            _check_names(self.model, self.vocabulary.tokens, "tokens")


def of_model(model: keras.Model) -> Subject:
    """What is known of a bare model: the versions that made it.

    Raises:
        ExportError: it was never built.
    """
    if not model.built or not getattr(model, "inputs", None):
        raise ExportError(
            f"Exporting {model.name!r} needs a built model with one input and one "
            "output, the logits. Make it with keras.Model(inputs, outputs)."
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
    recipe = run.recipe
    test, calibration = _labelled(run) if measured else (None, None)
    images, data = run.vocabulary is None, Path(recipe.data).name  # of no machine
    return Subject(
        run.load_model(),
        recipe.model,
        run.labels,
        run.vocabulary,
        run.metrics,
        sample_inputs(run, SAMPLES),
        test,
        calibration,
        EIGHT_BITS if images else None,
        {
            **_versions(),
            "dataset": data,
            "recipe": json.dumps({**recipe.to_json(), "data": data}, sort_keys=True),
        },
        run.path / "curves.png",
    )


def _labelled(run: Run) -> tuple[Labelled, np.ndarray]:
    if run.vocabulary is not None:
        raise ExportError(
            f"{run.recipe.model!r} is a language model, of which no smaller form is "
            "written. Leave out --quantize."
        )
    try:
        data = load_images(run.recipe.data, run.recipe.size)
    except DataError as error:
        raise ExportError(
            f"Fewer bits are measured on the data of the run, which cannot be had: "
            f"{error}"
        ) from error
    rng = np.random.default_rng(0)
    test, train = (
        part.subset(np.sort(rng.permutation(len(part.y))[:most])).load()
        for part, most in ((data.test, TEST), (data.train, CALIBRATION))
    )
    return Labelled(test.x, test.y), train.x


def _versions() -> dict[str, str]:
    return {tool: release(tool) for tool in TOOLS}


def _check_names(model: keras.Model, names: Sequence[str], kind: str) -> None:
    classes = model.output_shape[-1]
    if len(names) not in (0, classes):
        raise ExportError(
            f"Exporting {model.name!r} needs as many {kind} as classes, {classes}. "
            f"Received: {len(names)} {kind}."
        )
