"""The run directory: what a training run leaves behind, written and read here."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from kerasheet.errors import RecipeError, RunError
from kerasheet.training.recipe import Recipe
from kerasheet.training.report import draw_curves

FORMAT = 1
FILES = (
    "recipe.json",
    "model.keras",
    "history.csv",
    "metrics.json",
    "labels.json",
    "curves.png",
)


@dataclass(frozen=True)
class Run:
    """A finished training run.

    Attributes:
        path: its directory.
        recipe: what was trained, and how.
        labels: the name of each class.
        metrics: figures of the finished model.
    """

    path: Path
    recipe: Recipe
    labels: tuple[str, ...]
    metrics: Mapping[str, float]

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
        if model.output_shape[-1] != len(self.labels):
            raise RunError(
                f"{str(self.path / 'labels.json')!r} has {len(self.labels)} labels for "
                f"a model of {model.output_shape[-1]} classes. Train the run again."
            )
        return model

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
    labels: Sequence[str],
) -> None:
    """Write all files of a run into an empty directory."""
    _write_json(directory / "recipe.json", {"format": FORMAT, **recipe.to_json()})
    _write_json(directory / "metrics.json", dict(metrics))
    _write_json(directory / "labels.json", list(labels))
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
    missing = [name for name in FILES if not (path / name).is_file()]
    if missing:
        raise RunError(
            f"{str(path)!r} is not a complete run directory: {', '.join(missing)} "
            "missing. Train it again."
        )
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
    labels = tuple(str(label) for label in _read_json(path / "labels.json", list))
    return Run(path, recipe, labels, _read_json(path / "metrics.json", dict))


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False)
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
