"""From a recipe to a run directory."""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import keras

from kerasheet.errors import DataError, RunError, TrainingError
from kerasheet.training.checkpoint import Checkpoints, differences
from kerasheet.training.distribute import find_strategy
from kerasheet.training.guard import CheckpointGuard
from kerasheet.training.interrupts import remember_interrupts
from kerasheet.training.parcel import RUN, STATE, TEXT, optional
from kerasheet.training.patience import Patience
from kerasheet.training.recipe import Recipe
from kerasheet.training.run import Run, read_run, write_run
from kerasheet.training.staging import CHECKPOINTS, staged_run, training_directory
from kerasheet.training.state import State
from kerasheet.training.task import ImageTask, TextTask, make_task
from kerasheet.training.workers import Workers

Tell = Callable[[str], None]


def _silence(sentence: str) -> None:
    """Say nothing."""


def train(
    recipe: Recipe,
    path: str | Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = 0,
    tell: Tell = _silence,
) -> Run:
    """Follow a recipe; the run appears in its place once the model is trained.

    The same recipe gives the same weights on the same machine, also if the training was
    killed in between and resumed. Until it is finished, its checkpoints are in
    `.NAME-training` beside the place.

    Where `TF_CONFIG` names several workers they train together, each on its part of
    every batch; call `train` alike in all of them. The first is the chief: it alone
    writes, and needs the place. On several GPUs of a machine each takes a part.

    Args:
        recipe: what to train, and how.
        path: where the run directory shall be.
        resume: whether to go on with a training that was stopped. If there is none,
            one begins; if it is finished, it is left as it is unless it may be
            replaced.
        overwrite: whether a run that is there may be replaced, and an unfinished
            training that is not resumed be forgotten.
        callbacks: as for `kerasheet.training.fit`. One with `get_state()`, a dict of
            arrays, and `set_state(arrays)` is resumed; others begin anew.
        verbose: as for `kerasheet.training.fit`.
        tell: called with a sentence when there is something a person should know.

    Returns:
        The run, with the figures of the model on every part of the data as metrics. The
        chief has its files.

    Raises:
        DataError: the data cannot be had.
        RecipeError: the model does not take its arguments.
        RunError: the place is taken or cannot be written to, or an unfinished training
            there is of another recipe or of other data, or not to be resumed.
        TrainingError: the loss is no longer a number, the disk is full, `TF_CONFIG` is
            wrong, or another worker is gone.
        TrainingStopped: Ctrl-C was pressed; all is kept.
    """
    path = Path(path).absolute()
    workers = Workers(find_strategy())
    if not workers.is_chief:
        tell, verbose = _silence, 0
    with remember_interrupts() as heard, workers.together(), ExitStack() as stack:
        find = partial(_finished, recipe, path)
        if (
            resume
            and not overwrite
            and (finished := workers.share(find, *optional(RUN)))
        ):
            tell(f"{str(path)!r} is finished, and left as it is.")
            return finished
        directory = training_directory(path)
        checkpoints = Checkpoints(directory / CHECKPOINTS, recipe)

        def begin() -> State | None:
            stack.enter_context(staged_run(path, overwrite))
            return _resumed(checkpoints, resume, overwrite, tell)

        state = workers.share(begin, *optional(STATE))
        with workers.strategy.scope():
            task = make_task(recipe)
        fingerprint = task.fingerprint()
        checkpoints.hold_to(fingerprint, state)
        _refuse_other_data(fingerprint, workers)
        for sentence in task.remarks():
            tell(sentence)
        guard = CheckpointGuard(checkpoints, workers, recipe.epochs, state)
        guard.asked_to_stop = heard.is_set()
        _follow(task, recipe, guard, callbacks, verbose)
        stack.close()
        return workers.share(partial(read_run, path), *RUN)


def _follow(
    task: ImageTask | TextTask,
    recipe: Recipe,
    guard: CheckpointGuard,
    callbacks: Iterable[keras.callbacks.Callback],
    verbose: str | int,
) -> None:
    """Train from where the guard begins, and fill the run's directory."""
    stops = [] if recipe.patience is None else [Patience(recipe.patience)]
    with guard:
        history = task.fit([*stops, *callbacks], verbose, guard).history
        metrics = {"training_seconds": round(guard.seconds, 2)}
        for part, figures in task.measure().items():
            metrics |= {f"{part}_{name}": value for name, value in figures.items()}
        _refuse_diverged(metrics)
        metrics["parameters"] = task.model.count_params()
        directory = guard.checkpoints.directory.parent
        run = task.model, recipe, history, metrics, task.names()
        guard.workers.lead(lambda: _write(directory, *run))


def _write(directory: Path, *run: Any) -> None:
    try:
        write_run(directory, *run)
    except OSError as error:
        raise TrainingError(
            f"The run cannot be written to {str(directory)!r} ({error.strerror}), "
            "but its last checkpoint is whole. Make room, and go on with --resume."
        ) from error


def _refuse_other_data(fingerprint: str, workers: Workers) -> None:
    chiefs = workers.share(lambda: fingerprint, *TEXT)
    if any(workers.any(fingerprint != chiefs)):
        raise DataError(
            "The workers do not have the same data. Give each a copy of the chief's."
        )


def _finished(recipe: Recipe, path: Path) -> Run | None:
    """The run that is in its place, if nothing is left to be done for it."""
    if not (path / "recipe.json").is_file() or training_directory(path).exists():
        return None
    run = read_run(path)
    if run.recipe != recipe:
        raise RunError(
            f"{str(path)!r} is a finished run of another recipe: "
            f"{differences(run.recipe, recipe)}. Name another with --run, or replace "
            "it with --overwrite and without --resume."
        )
    return run


def _resumed(
    checkpoints: Checkpoints, resume: bool, overwrite: bool, tell: Tell
) -> State | None:
    """Where to go on from; None to begin."""
    if resume:
        state = checkpoints.read()
        if state is None:
            tell("There is no checkpoint to go on from: training begins anew.")
        else:
            epochs = checkpoints.recipe.epochs
            epoch = min(state.facts["epoch"] + 1, epochs)
            tell(f"Goes on in epoch {epoch} of {epochs}.")
        return state
    if checkpoints.paths() and not overwrite:
        raise RunError(
            f"An unfinished training is in {str(checkpoints.directory.parent)!r}. Go "
            "on with --resume, or begin anew with --overwrite."
        )
    checkpoints.clear()
    return None


def _refuse_diverged(metrics: Mapping[str, float]) -> None:
    if not all(math.isfinite(value) for value in metrics.values()):
        raise TrainingError(
            f"Training diverged: the loss is {metrics['train_loss']}. No run was "
            "written; try a smaller learning rate."
        )
