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


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training run ends with.

    Attributes:
        model: a name in `kerasheet.models.MODELS`.
        data: a name in `kerasheet.data.DATA`.
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
            if name not in known:
                raise RecipeError(unknown(kind, name, known))
        for name, least in (("batch_size", 1), ("epochs", 1), ("seed", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise RecipeError(
                    f"A recipe needs `{name}` to be an int of at least {least}. "
                    f"Received: {name}={value!r}."
                )
        if not 0 < self.learning_rate < float("inf"):
            raise RecipeError(
                "A recipe needs a positive `learning_rate`. "
                f"Received: learning_rate={self.learning_rate!r}."
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
    "softmax_regression": {"optimizer": "sgd", "learning_rate": 0.1},
    "mlp": {"optimizer": "sgd", "learning_rate": 0.1},
    "mlp_dropout": {"optimizer": "sgd", "learning_rate": 0.5},
    "lenet": {"optimizer": "adam", "learning_rate": 1e-3},
    "lenet_avg": {"optimizer": "sgd", "learning_rate": 0.9},
    "lenet_batch_norm": {"optimizer": "sgd", "learning_rate": 1.0},
}
"""The book's own settings on Fashion-MNIST, in batches of 256 for ten epochs."""

SMALL_DATA: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "batch_size": 64,
    "epochs": 30,
}
"""For the 1,437 digits, where the book's settings would make too few steps."""


def default_recipe(model: str, data: str, **changes: Any) -> Recipe:
    """The published recipe of a model, or one for small data; None changes nothing.

    Raises:
        RecipeError: a name is unknown, or a change is out of range.
    """
    defaults = SMALL_DATA if data == "digits" else PUBLISHED.get(model, {})
    asked = {name: value for name, value in changes.items() if value is not None}
    return Recipe(model, data, **{**defaults, **asked})
