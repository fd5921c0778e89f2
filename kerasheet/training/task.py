"""What training is made of, for images and for text: a model and its data."""

from collections.abc import Callable, Iterable
from typing import Any

import keras

from kerasheet.data import load_images
from kerasheet.errors import RecipeError
from kerasheet.language import Corpus, Vocabulary, count_batches
from kerasheet.models import MODELS
from kerasheet.training.fit import evaluate, fit
from kerasheet.training.fit_text import Windows, fit_text, text_evaluator
from kerasheet.training.loop import Logs
from kerasheet.training.recipe import Recipe
from kerasheet.training.text_settings import TextSettings
from kerasheet.training.text_source import read_corpus

Callbacks = Iterable[keras.callbacks.Callback]


class ImageTask:
    """Classifying the images of a recipe.

    Attributes:
        model: compiled.
        labels: the name of each class.
        vocabulary: None.
    """

    vocabulary: Vocabulary | None = None

    def __init__(self, recipe: Recipe) -> None:
        data = load_images(recipe.data, recipe.size)
        self.train, self.test = data.train.load(), data.test.load()
        self.labels = data.labels
        self.batch_size, self.epochs = recipe.batch_size, recipe.epochs
        keras.utils.set_random_seed(recipe.seed)
        self.model = _build(
            recipe, input_shape=data.input_shape, classes=len(self.labels)
        )
        _compile(self.model, recipe, -(-len(self.train.x) // recipe.batch_size))

    def fit(self, callbacks: Callbacks, verbose: str | int) -> keras.callbacks.History:
        """Train for all epochs of the recipe."""
        return fit(
            self.model,
            *self.train,
            batch_size=self.batch_size,
            epochs=self.epochs,
            validation_data=self.test,
            callbacks=callbacks,
            verbose=verbose,
        )

    def measure(self) -> dict[str, Logs]:
        """Figures of the model on each part of the data."""
        parts = {"train": self.train, "test": self.test}
        return {name: evaluate(self.model, *part) for name, part in parts.items()}


class TextTask:
    """Predicting the next token of a recipe's text.

    Attributes:
        model: compiled.
        corpus: the text as ids.
        labels: none.
        vocabulary: the tokens.
    """

    labels: tuple[str, ...] = ()

    def __init__(self, recipe: Recipe, text: TextSettings) -> None:
        self.corpus: Corpus = read_corpus(recipe.data, text)
        self.vocabulary: Vocabulary | None = self.corpus.vocabulary
        self.windows = Windows(text.steps, recipe.batch_size, text.sampling)
        self.epochs, self.seed = recipe.epochs, recipe.seed
        steps = count_batches(len(self.corpus.train), *self.windows)
        keras.utils.set_random_seed(recipe.seed)
        self.model = _build(recipe, classes=len(self.corpus.vocabulary))
        _compile(self.model, recipe, steps)

    def fit(self, callbacks: Callbacks, verbose: str | int) -> keras.callbacks.History:
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
        )

    def measure(self) -> dict[str, Logs]:
        """Figures of the model on each part of the text."""
        figures = text_evaluator(self.model)
        parts = ("train", "validation", "test")
        return {name: figures(getattr(self.corpus, name)) for name in parts}


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
    try:
        return build(**arguments, **recipe.model_arguments)
    except TypeError as error:
        raise RecipeError(f"Model {recipe.model!r}: {error}.") from error
    except ValueError as error:
        raise RecipeError(str(error)) from error


def _compile(model: keras.Model, recipe: Recipe, steps: int) -> None:
    model.compile(
        optimizer=recipe.make_optimizer(steps),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
