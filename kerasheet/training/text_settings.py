"""How a text is read and cut for a language model."""

from dataclasses import dataclass

from kerasheet.errors import RecipeError, unknown
from kerasheet.language import SAMPLINGS

UNITS = ("characters", "words")


@dataclass(frozen=True)
class TextSettings:
    """What a recipe says about a text, beside the model and the optimizer.

    Attributes:
        sampling: `"random"` or `"consecutive"`, as in `kerasheet.language`.
        steps: tokens that each window reads.
        unit: what a token is, `"characters"` or `"words"`.
        min_frequency: rarer tokens become `<unk>`.
        tokens: only so many tokens of the training part, None for all.

    Raises:
        RecipeError: a name is unknown, or a number is not a positive int.

    Example:
    >>> TextSettings(steps=64).sampling
    'consecutive'
    """

    sampling: str = "consecutive"
    steps: int = 35
    unit: str = "characters"
    min_frequency: int = 1
    tokens: int | None = None

    def __post_init__(self) -> None:
        for kind, name, known in (
            ("sampling", self.sampling, SAMPLINGS),
            ("unit", self.unit, UNITS),
        ):
            if name not in known:
                raise RecipeError(unknown(kind, str(name), known))
        for name in ("steps", "min_frequency", "tokens"):
            value = getattr(self, name)
            if name == "tokens" and value is None:
                continue
            if type(value) is not int or value < 1:
                raise RecipeError(
                    f"A recipe needs `{name}` to be a positive int. "
                    f"Received: {name}={value!r}."
                )
