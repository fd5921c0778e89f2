"""The run directory: what a training run leaves behind, written and read here."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from kerasheet.errors import DataError, RecipeError, RunError
from kerasheet.language import Vocabulary
from kerasheet.training.names import Names
from kerasheet.training.recipe import Recipe
from kerasheet.training.report import draw_curves

FORMAT = 1
FILES = (
    "recipe.json",
    "model.keras",
    "history.csv",
    "metrics.json",
    "curves.png",
)
LABELS, VOCABULARY = "labels.json", "vocabulary.json"
"""Besides these, a run of images has the one and a run of text the other."""

SPLITS, SKIPPED = "splits.json", "skipped.json"
"""Of images: the names in each part, and why some files are in none."""


@dataclass(frozen=True)
class Run:
    """A finished training run.

    Attributes:
        path: its directory.
        recipe: what was trained, and how.
        labels: the name of each class; none for a language model.
        vocabulary: the tokens of a language model; None for images.
        metrics: figures of the finished model.
    """

    path: Path
    recipe: Recipe
    labels: tuple[str, ...]
    metrics: Mapping[str, float]
    vocabulary: Vocabulary | None = None

    def load_model(self) -> keras.Model:
        """The trained model.

        Raises:
            RunError: the model file is damaged.
        """
        path = self.path / "model.keras"
        try:
            model = keras.saving.load_model(path)
        except Exception as error:  # a damaged file fails in any of a dozen ways
            raise RunError(
                f"{str(path)!r} is damaged ({type(error).__name__}). Train the run "
                "again."
            ) from error
        file, kind, names = LABELS, "labels", len(self.labels)
        if self.vocabulary is not None:
            file, kind, names = VOCABULARY, "tokens", len(self.vocabulary)
        if model.output_shape[-1] != names:
            raise RunError(
                f"{str(self.path / file)!r} has {names} {kind} for a model of "
                f"{model.output_shape[-1]} classes. Train the run again."
            )
        return model

    def headline(self) -> str:
        """The figure that matters most, in words."""
        if self.vocabulary is None:
            return f"Test accuracy {self.metrics['test_accuracy']:.2%}"
        return (
            f"Perplexity {self.metrics['test_perplexity']:.2f} on the held-out tail "
            f"({self.metrics['train_perplexity']:.2f} on the training text)"
        )

    def history(self) -> dict[str, list[float]]:
        """Every figure after every epoch.

        Raises:
            RunError: the file is damaged.
        """
        path = self.path / "history.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        try:
            names, *epochs = rows
            numbers = [[float(value) for value in row] for row in epochs]
            figures = [list(column) for column in zip(*numbers, strict=True)]
            return dict(zip(names, figures, strict=True))
        except ValueError as error:
            raise RunError(f"{str(path)!r} is damaged. Train the run again.") from error


def write_run(
    directory: Path,
    model: keras.Model,
    recipe: Recipe,
    history: Mapping[str, Sequence[float]],
    metrics: Mapping[str, float],
    names: Names,
) -> None:
    """Write all files of a run into a directory."""
    _write_json(directory / "recipe.json", {"format": FORMAT, **recipe.to_json()})
    _write_json(directory / "metrics.json", dict(metrics))
    if isinstance(names, Vocabulary):
        _write_json(directory / VOCABULARY, names.to_json())
    else:
        _write_json(directory / LABELS, list(names.labels))
        _write_json(directory / SPLITS, dict(names.splits), indent=None)
        if names.skipped:
            _write_json(directory / SKIPPED, dict(names.skipped))
    _write_history(directory / "history.csv", history)
    model.save(directory / "model.keras")
    draw_curves(history, recipe.describe(), directory / "curves.png")


def read_run(path: str | Path) -> Run:
    """Read a run directory.

    Raises:
        RunError: it is missing, incomplete, damaged, or of a newer format.
    """
    path = Path(path)
    if not path.is_dir():
        raise RunError(
            f"There is no run directory {str(path)!r}. Make one: kerasheet train NAME "
            f"--run {path}."
        )
    _refuse_missing(path, FILES)
    fields = _read_json(path / "recipe.json", dict)
    found = fields.pop("format", None)
    if found != FORMAT:
        raise RunError(
            f"{str(path)!r} has run format {found!r}; this kerasheet reads {FORMAT}. "
            "Update kerasheet, or train again."
        )
    try:
        recipe = Recipe.from_json(fields)
    except RecipeError as error:
        raise RunError(f"{str(path / 'recipe.json')!r}: {error}") from None
    metrics = _read_json(path / "metrics.json", dict)
    if recipe.text is not None:
        _refuse_missing(path, (VOCABULARY,))
        return Run(path, recipe, (), metrics, _read_vocabulary(path / VOCABULARY))
    _refuse_missing(path, (LABELS,))
    labels = tuple(str(label) for label in _read_json(path / LABELS, list))
    return Run(path, recipe, labels, metrics)


def _refuse_missing(path: Path, names: Sequence[str]) -> None:
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        raise RunError(
            f"{str(path)!r} is not a complete run directory: {', '.join(missing)} "
            "missing. Train it again."
        )


def _read_vocabulary(path: Path) -> Vocabulary:
    try:
        return Vocabulary.from_json(_read_json(path, dict))
    except DataError as error:
        raise RunError(f"{str(path)!r}: {error}") from None


def _write_json(path: Path, value: Any, indent: int | None = 2) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(path: Path, kind: type) -> Any:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RunError(f"{str(path)!r} is not JSON: {error}.") from None
    if not isinstance(value, kind):
        raise RunError(f"{str(path)!r} should hold a JSON {kind.__name__}.")
    return value


def _write_history(path: Path, history: Mapping[str, Sequence[float]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["epoch", *history])
        for epoch, row in enumerate(zip(*history.values(), strict=True), start=1):
            table.writerow([epoch, *row])
