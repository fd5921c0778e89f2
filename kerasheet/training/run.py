"""The run directory: what a training run leaves behind, written and read here."""

import csv
import json
import os
import shutil
import tempfile
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
        import kerasheet.layers  # noqa: F401  registers the layers with Keras

        path = self.path / "model.keras"
        try:
            return keras.saving.load_model(path)
        except (ValueError, OSError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0]
            raise RunError(
                f"{str(path)!r} cannot be loaded ({reason}). Train the run again."
            ) from error

    def history(self) -> dict[str, list[float]]:
        """Every figure after every epoch."""
        with (self.path / "history.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        return {name: [float(row[name]) for row in rows] for name in rows[0]}


def check_free(path: str | Path, overwrite: bool = False) -> Path:
    """Refuse a place for a run that is taken.

    Raises:
        RunError: something is there, or the place cannot be written to.
    """
    path = Path(path)
    if path.exists() and not (overwrite and (path / "recipe.json").is_file()):
        what = "a run directory" if (path / "recipe.json").is_file() else "taken"
        raise RunError(
            f"{str(path)!r} is {what} already. Name another with --run, or replace a "
            "run with --overwrite."
        )
    above = next(parent for parent in path.absolute().parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise RunError(
            f"{str(path)!r} cannot be created: {str(above)!r} is not a directory that "
            "you may write to."
        )
    return path


def write_run(
    path: str | Path,
    model: keras.Model,
    recipe: Recipe,
    history: Mapping[str, Sequence[float]],
    metrics: Mapping[str, float],
    labels: Sequence[str],
    overwrite: bool = False,
) -> Run:
    """Write all files beside the final place, then move them there in one step.

    Raises:
        RunError: the place is taken.
    """
    path = check_free(path, overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        staging.chmod(0o755)
        _write_json(staging / "recipe.json", {"format": FORMAT, **recipe.to_json()})
        _write_json(staging / "metrics.json", dict(metrics))
        _write_json(staging / "labels.json", list(labels))
        _write_history(staging / "history.csv", history)
        model.save(staging / "model.keras")
        draw_curves(history, recipe.describe(), staging / "curves.png")
        if path.exists():
            path.rename(staging / "replaced")
        staging_run = staging.rename(path)
        shutil.rmtree(staging_run / "replaced", ignore_errors=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return read_run(path)


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
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _read_json(path: Path, kind: type) -> Any:
    try:
        value = json.loads(path.read_text())
    except ValueError as error:
        raise RunError(f"{str(path)!r} is not JSON: {error}.") from None
    if not isinstance(value, kind):
        raise RunError(f"{str(path)!r} should hold a JSON {kind.__name__}.")
    return value


def _write_history(path: Path, history: Mapping[str, Sequence[float]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["epoch", *history])
        for epoch, row in enumerate(zip(*history.values(), strict=True), start=1):
            table.writerow([epoch, *row])
