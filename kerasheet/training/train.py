"""From a recipe to a run directory."""

import time
from collections.abc import Iterable
from pathlib import Path

import keras

from kerasheet.data import DATA, Dataset
from kerasheet.errors import RecipeError
from kerasheet.models import MODELS
from kerasheet.training.fit import evaluate, fit
from kerasheet.training.recipe import Recipe
from kerasheet.training.run import Run, check_free, write_run


def train(
    recipe: Recipe,
    path: str | Path,
    *,
    overwrite: bool = False,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = 0,
) -> Run:
    """Follow a recipe; nothing is written before the model is trained.

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
        RunError: the place is taken.
    """
    check_free(path, overwrite)
    data = DATA[recipe.data]()
    keras.utils.set_random_seed(recipe.seed)
    model = build_model(recipe, data)
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
    metrics["parameters"] = model.count_params()
    return write_run(
        path, model, recipe, history.history, metrics, data.labels, overwrite
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
    except (TypeError, ValueError) as error:
        raise RecipeError(f"Model {recipe.model!r}: {error}") from error
    model.compile(
        optimizer=recipe.make_optimizer(len(data.train.x)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model
