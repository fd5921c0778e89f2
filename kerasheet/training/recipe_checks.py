"""What the names and the numbers in a recipe may be."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kerasheet.errors import RecipeError, unknown
from kerasheet.models import MODELS
from kerasheet.training.optimizer import OPTIMIZERS, SCHEDULES

if TYPE_CHECKING:
    from kerasheet.training.recipe import Recipe

BOUNDS = {
    "batch_size": (1, 2**31 - 1),
    "epochs": (1, 2**31 - 1),
    "seed": (0, 2**32 - 1),
    "size": (1, 4096),
    "patience": (1, 2**31 - 1),
    "warmup": (0, 2**31 - 1),
    "accumulation": (1, 2**31 - 1),
    "samples": (1, 2**31 - 1),
}
"""Least and largest of every whole number in a recipe."""

POSITIVE = ("learning_rate", "clip", "weight_decay")

SHARES = ("momentum", "label_smoothing")
"""Numbers from 0 to below 1."""

OPTIONAL = ("samples", "size", "patience", "clip", "weight_decay")
"""Numbers that may be None."""

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")


def check_names(recipe: "Recipe") -> None:
    """Refuse a name that stands for nothing.

    Raises:
        RecipeError: a name is unknown.
    """
    for kind, name, known in (
        ("model", recipe.model, MODELS),
        ("optimizer", recipe.optimizer, OPTIMIZERS),
        ("schedule", recipe.schedule, SCHEDULES),
        ("precision", recipe.precision, PRECISIONS),
    ):
        if not isinstance(name, str) or name not in known:
            raise RecipeError(unknown(kind, str(name), known))


def check_numbers(recipe: "Recipe") -> None:
    """Refuse a number that is out of range.

    Raises:
        RecipeError: a number is out of range, or none.
    """
    for name, value in _given(recipe, BOUNDS):
        least, most = BOUNDS[name]
        if type(value) is not int or not least <= value <= most:
            raise RecipeError(
                f"A recipe needs `{name}` to be an int from {least} to {most}. "
                f"Received: {name}={value!r}."
            )
    for name, value in _given(recipe, POSITIVE):
        if type(value) not in (int, float) or not 0 < value < float("inf"):
            raise RecipeError(
                f"A recipe needs a positive `{name}`. Received: {name}={value!r}."
            )
    for name, value in _given(recipe, SHARES):
        if type(value) not in (int, float) or not 0 <= value < 1:
            raise RecipeError(
                f"A recipe needs `{name}` to be from 0 to below 1. "
                f"Received: {name}={value!r}."
            )
    share = 0.5 if recipe.validation is None else recipe.validation
    if type(share) is not float or not 0 < share < 1:
        raise RecipeError(
            "A recipe needs `validation` to be between 0 and 1. Received: "
            f"validation={recipe.validation!r}."
        )


def _given(recipe: "Recipe", names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The fields of these names, without those that may be None and are."""
    for name in names:
        value = getattr(recipe, name)
        if value is not None or name not in OPTIONAL:
            yield name, value
