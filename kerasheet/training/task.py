"""What training is made of, for images and for text: a model and its data."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras

from kerasheet.errors import RecipeError
from kerasheet.language import Corpus, count_batches
from kerasheet.layers.normalization import synchronize
from kerasheet.models import MODELS
from kerasheet.training.batches import Logs
from kerasheet.training.compilation import image_setting
from kerasheet.training.data_source import read_images
from kerasheet.training.fingerprint import images_fingerprint, text_fingerprint
from kerasheet.training.fit import evaluate_samples, fit_samples
from kerasheet.training.fit_text import Windows, fit_text, text_evaluator
from kerasheet.training.loop import Guard
from kerasheet.training.names import ImageNames, Names
from kerasheet.training.optimizer import SmoothedCrossEntropy
from kerasheet.training.recipe import Recipe
from kerasheet.training.text_settings import TextSettings
from kerasheet.training.text_source import read_corpus

Callbacks = Iterable[keras.callbacks.Callback]

SHOWN = 3
"""Of the files that are skipped."""


class ImageTask:
    """Classifying the images of a recipe.

    Attributes:
        model: compiled.
        data: the images, split.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.data = recipe, read_images(recipe)
        keras.utils.set_random_seed(recipe.seed)
        self.model = _build(
            recipe, input_shape=self.data.input_shape, classes=len(self.data.labels)
        )
        steps = -(-len(self.data.train.y) // recipe.batch_size)
        _compile(self.model, recipe, steps)

    def fit(
        self, callbacks: Callbacks, verbose: str | int, guard: Guard | None = None
    ) -> keras.callbacks.History:
        """Train for all epochs of the recipe."""
        return fit_samples(
            self.model,
            self.data.train,
            batch_size=self.recipe.batch_size,
            epochs=self.recipe.epochs,
            seed=self.recipe.seed,
            validation=self.data.validation or self.data.test,
            augment=self.recipe.augment,
            callbacks=callbacks,
            verbose=verbose,
            guard=guard,
        )

    def measure(self) -> dict[str, Logs]:
        """Figures of the model on each part of the data."""
        parts = {
            "train": self.data.train,
            "validation": self.data.validation,
            "test": self.data.test,
        }
        return {
            name: evaluate_samples(self.model, part)
            for name, part in parts.items()
            if part is not None
        }

    def names(self) -> Names:
        """What the run is to know of the data."""
        splits = {part: rows.tolist() for part, rows in self.data.sources.items()}
        return ImageNames(self.data.labels, splits, self.data.skipped)

    def fingerprint(self) -> str:
        """What tells the data from other data."""
        return images_fingerprint(self.data, self.recipe.data)

    def remarks(self) -> Iterator[str]:
        """What a person should know of the data."""
        skipped = self.data.skipped
        if skipped:
            count = f"{len(skipped)} file{'s' if len(skipped) > 1 else ''}"
            some = ", ".join(f"{path} ({why})" for path, why in skipped[:SHOWN])
            rest = len(skipped) - SHOWN
            more = (
                f", and {rest} more, in skipped.json of the run." if rest > 0 else "."
            )
            yield f"Skipped {count} that cannot be read: {some}{more}"


class TextTask:
    """Predicting the next token of a recipe's text.

    Attributes:
        model: compiled.
        corpus: the text as ids.
    """

    def __init__(self, recipe: Recipe, text: TextSettings) -> None:
        self.corpus: Corpus = read_corpus(recipe.data, text)
        self.windows = Windows(text.steps, recipe.batch_size, text.sampling)
        self.epochs, self.seed = recipe.epochs, recipe.seed
        self.xla = recipe.xla
        steps = count_batches(len(self.corpus.train), *self.windows)
        keras.utils.set_random_seed(recipe.seed)
        self.model = _build(recipe, classes=len(self.corpus.vocabulary))
        _compile(self.model, recipe, steps)

    def fit(
        self, callbacks: Callbacks, verbose: str | int, guard: Guard | None = None
    ) -> keras.callbacks.History:
        """Train for all epochs of the recipe."""
        return fit_text(
            self.model,
            self.corpus.train,
            self.windows,
            epochs=self.epochs,
            validation_ids=self.corpus.validation,
            seed=self.seed,
            callbacks=callbacks,
            verbose=verbose,
            guard=guard,
            xla=self.xla,
        )

    def measure(self) -> dict[str, Logs]:
        """Figures of the model on each part of the text."""
        figures = text_evaluator(self.model, self.xla)
        parts = ("train", "validation", "test")
        return {name: figures(getattr(self.corpus, name)) for name in parts}

    def names(self) -> Names:
        """What the run is to know of the data."""
        return self.corpus.vocabulary

    def fingerprint(self) -> str:
        """What tells the text from other texts."""
        return text_fingerprint(self.corpus)

    def remarks(self) -> Iterator[str]:
        """Nothing."""
        return iter(())


def make_task(recipe: Recipe) -> ImageTask | TextTask:
    """What a recipe asks for, with its data read and its model built.

    Raises:
        DataError: the data cannot be had, or is too little.
        RecipeError: the model does not take its arguments, or such images.
    """
    if recipe.text is None:
        return ImageTask(recipe)
    return TextTask(recipe, recipe.text)


def _build(recipe: Recipe, **arguments: Any) -> keras.Model:
    build: Callable[..., keras.Model] = MODELS[recipe.model]
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(recipe.precision)
    try:
        return build(**arguments, **recipe.model_arguments)
    except TypeError as error:
        raise RecipeError(f"Model {recipe.model!r}: {error}.") from error
    except ValueError as error:
        raise RecipeError(str(error)) from error
    finally:
        keras.config.set_dtype_policy(usual)


def _compile(model: keras.Model, recipe: Recipe, steps: int) -> None:
    if recipe.synchronized:
        synchronize(model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if recipe.label_smoothing:
        loss = SmoothedCrossEntropy(recipe.label_smoothing)
    optimizer = recipe.make_optimizer(steps)
    if recipe.precision == "mixed_float16":  # here, for Keras to find it in the file
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    model.compile(
        optimizer,
        loss,
        metrics=["accuracy"],
        jit_compile=image_setting(recipe.xla),
    )
