"""From a recipe to a run directory."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import keras

from kerasheet.errors import TrainingError
from kerasheet.training.recipe import Recipe
from kerasheet.training.run import Run, read_run, write_run
from kerasheet.training.staging import staged_run
from kerasheet.training.task import make_task


def train(
    recipe: Recipe,
    path: str | Path,
    *,
    overwrite: bool = False,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = 0,
) -> Run:
    """Follow a recipe; the run appears in its place once the model is trained.

    The same recipe gives the same weights on the same machine.

    Args:
        recipe: what to train, and how.
        path: where the run directory shall be.
        overwrite: whether a run that is there may be replaced.
        callbacks: as for `kerasheet.training.fit`.
        verbose: as for `kerasheet.training.fit`.

    Returns:
        The run, with the figures of the model on every part of the data as metrics.

    Raises:
        DataError: the data cannot be had.
        RecipeError: the model does not take its arguments.
        RunError: the place is taken or cannot be written to.
        TrainingError: the loss is no longer a number.
    """
    task = make_task(recipe)
    with staged_run(path, overwrite) as directory:
        started = time.perf_counter()
        history = task.fit([*_stops(recipe), *callbacks], verbose).history
        metrics = {"training_seconds": round(time.perf_counter() - started, 2)}
        for part, figures in task.measure().items():
            metrics |= {f"{part}_{name}": value for name, value in figures.items()}
        _refuse_diverged(metrics)
        metrics["parameters"] = task.model.count_params()
        names = task.labels if task.vocabulary is None else task.vocabulary
        write_run(directory, task.model, recipe, history, metrics, names)
    return read_run(path)


def _stops(recipe: Recipe) -> Iterator[keras.callbacks.Callback]:
    """What ends training before its last epoch."""
    yield keras.callbacks.TerminateOnNaN()
    if recipe.patience is not None:
        yield keras.callbacks.EarlyStopping(
            "val_loss", patience=recipe.patience, restore_best_weights=True
        )


def _refuse_diverged(metrics: Mapping[str, float]) -> None:
    if not all(math.isfinite(value) for value in metrics.values()):
        raise TrainingError(
            f"Training diverged: the loss is {metrics['train_loss']}. Nothing was "
            "written; try a smaller learning rate."
        )
