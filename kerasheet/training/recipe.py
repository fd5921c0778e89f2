"""What to train, on what, and how: all that a run can be repeated from."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from kerasheet.data import DATA
from kerasheet.errors import RecipeError, unknown
from kerasheet.models import MODELS

OPTIMIZERS = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
SCHEDULES = ("constant", "cosine")
BOUNDS = {
    "batch_size": (1, 2**31 - 1),
    "epochs": (1, 2**31 - 1),
    "seed": (0, 2**32 - 1),
    "size": (1, 4096),
}
"""Least and largest of every whole number in a recipe."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training run ends with.

    Attributes:
        model: a name in `kerasheet.models.MODELS`.
        data: a name in `kerasheet.data.DATA`.
        size: height and width the images are resized to, in pixels; None for 28.
        model_arguments: for the model's function, beside input shape and classes.
        optimizer: `"sgd"` or `"adam"`.
        learning_rate: step of the optimizer, at the start.
        schedule: `"constant"`, or `"cosine"` to let the step fall to zero by the end,
            which keeps the last epochs from jumping about.
        batch_size: samples per step.
        epochs: passes over the training data.
        seed: of the weights, the order of the samples and the dropout masks.

    Raises:
        RecipeError: a name is unknown, or a number is out of range.

    Example:
    >>> recipe = Recipe("mlp", "digits", epochs=3)
    >>> Recipe.from_json(recipe.to_json()) == recipe
    True
    """

    model: str
    data: str
    size: int | None = None
    model_arguments: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    batch_size: int = 256
    epochs: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        for kind, name, known in (
            ("model", self.model, MODELS),
            ("data", self.data, DATA),
            ("optimizer", self.optimizer, OPTIMIZERS),
            ("schedule", self.schedule, SCHEDULES),
        ):
            if not isinstance(name, str) or name not in known:
                raise RecipeError(unknown(kind, str(name), known))
        for name, (least, most) in BOUNDS.items():
            value = getattr(self, name)
            if name == "size" and value is None:
                continue
            if type(value) is not int or not least <= value <= most:
                raise RecipeError(
                    f"A recipe needs `{name}` to be an int from {least} to {most}. "
                    f"Received: {name}={value!r}."
                )
        rate = self.learning_rate
        if type(rate) not in (int, float) or not 0 < rate < float("inf"):
            raise RecipeError(
                "A recipe needs a positive `learning_rate`. "
                f"Received: learning_rate={rate!r}."
            )

    def to_json(self) -> dict[str, Any]:
        """The fields, ready for `json.dump`."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Recipe":
        """Read what `to_json` gave.

        Raises:
            RecipeError: a field is missing, unknown or out of range.
        """
        try:
            return cls(**fields)
        except TypeError as error:
            raise RecipeError(f"Not a recipe: {error}.") from None

    def make_optimizer(self, samples: int) -> keras.Optimizer:
        """A fresh optimizer for training on so many samples."""
        rate: Any = self.learning_rate
        if self.schedule == "cosine":
            steps = self.epochs * -(-samples // self.batch_size)
            rate = keras.optimizers.schedules.CosineDecay(rate, steps)
        return OPTIMIZERS[self.optimizer](rate)

    def describe(self) -> str:
        """The recipe in a line."""
        return (
            f"{self.model} on {self.data}: {self.epochs} epochs, batches of "
            f"{self.batch_size}, {self.optimizer} at {self.learning_rate:g} "
            f"({self.schedule}), seed {self.seed}"
        )


PUBLISHED: dict[str, dict[str, Any]] = {
    "softmax_regression": {"learning_rate": 0.1},
    "mlp": {"learning_rate": 0.1},
    "mlp_dropout": {"learning_rate": 0.5},
    "lenet": {"optimizer": "adam", "learning_rate": 1e-3},
    "lenet_avg": {"learning_rate": 0.9},
    "lenet_batch_norm": {"learning_rate": 1.0},
    "alexnet": {"learning_rate": 0.01, "batch_size": 128, "size": 224},
    "vgg11_quarter": {"learning_rate": 0.05, "batch_size": 128, "size": 224},
    "nin": {"learning_rate": 0.1, "batch_size": 128, "size": 224},
    "googlenet": {"learning_rate": 0.1, "batch_size": 128, "size": 96},
    "resnet18": {"learning_rate": 0.05, "size": 96},
    "densenet": {"learning_rate": 0.1, "size": 96},
}
"""The book's settings on Fashion-MNIST: ten epochs, and unless said otherwise plain
SGD in batches of 256. LeNet's own row is from the first edition."""

SMALL_DATA: dict[str, Any] = {
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "batch_size": 64,
    "epochs": 30,
}
"""For the 1,437 digits, where the book's settings would make too few steps."""

DIGITS_SIZES = {"alexnet": 67, "nin": 67, "densenet": 32}
"""Digits are enlarged no more than the architecture needs."""


def default_recipe(model: str, data: str, **changes: Any) -> Recipe:
    """The published recipe of a model, or one for small data; None changes nothing.

    Raises:
        RecipeError: a name is unknown, or a change is out of range.
    """
    if data == "digits":
        size = DIGITS_SIZES.get(model, 32 if model.startswith("vgg") else None)
        defaults = {**SMALL_DATA, "size": size}
    else:
        defaults = {"optimizer": "sgd", **PUBLISHED.get(_published_name(model), {})}
    asked = {name: value for name, value in changes.items() if value is not None}
    return Recipe(model, data, **{**defaults, **asked})


def _published_name(model: str) -> str:
    """The variant of an architecture that the book trained, and gave settings for."""
    family = {"vgg": "vgg11_quarter", "resnet": "resnet18"}
    return next(
        (book for name, book in family.items() if model.startswith(name)), model
    )
