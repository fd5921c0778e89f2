"""From a recipe to a run directory."""

import math
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import keras

from kerasheet.data import DATA, Dataset
from kerasheet.errors import RecipeError, TrainingError
from kerasheet.models import MODELS
from kerasheet.training.fit import evaluate, fit
from kerasheet.training.recipe import Recipe
from kerasheet.training.run import Run, read_run, write_run
from kerasheet.training.staging import staged_run


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
        The run, with the loss and accuracy on training and test data as metrics.

    Raises:
        DataError: the data cannot be had.
        RecipeError: the model does not take its arguments.
        RunError: the place is taken or cannot be written to.
        TrainingError: the loss is no longer a number.
    """
    data = DATA[recipe.data](recipe.size)
    keras.utils.set_random_seed(recipe.seed)
    model = build_model(recipe, data)
    with staged_run(path, overwrite) as directory:
        started = time.perf_counter()
        history = fit(
            model,
            *data.train,
            batch_size=recipe.batch_size,
            epochs=recipe.epochs,
            validation_data=data.test,
            callbacks=callbacks,
            verbose=verbose,
        )
        metrics = {"training_seconds": round(time.perf_counter() - started, 2)}
        for name, examples in (("train", data.train), ("test", data.test)):
            figures = evaluate(model, *examples)
            metrics |= {f"{name}_{key}": value for key, value in figures.items()}
        _refuse_diverged(metrics)
        metrics["parameters"] = model.count_params()
        write_run(directory, model, recipe, history.history, metrics, data.labels)
    return read_run(path)


def _refuse_diverged(metrics: Mapping[str, float]) -> None:
    if not all(math.isfinite(value) for value in metrics.values()):
        raise TrainingError(
            f"Training diverged: the loss is {metrics['train_loss']}. Nothing was "
            "written; try a smaller learning rate."
        )


def build_model(recipe: Recipe, data: Dataset) -> keras.Model:
    """The recipe's model for this data, compiled.

    Raises:
        RecipeError: the model does not take the recipe's arguments, or such images.
    """
    try:
        model = MODELS[recipe.model](
            input_shape=data.input_shape,
            classes=len(data.labels),
            **recipe.model_arguments,
        )
    except TypeError as error:
        raise RecipeError(f"Model {recipe.model!r}: {error}.") from error
    except ValueError as error:
        raise RecipeError(str(error)) from error
    model.compile(
        optimizer=recipe.make_optimizer(len(data.train.x)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model
