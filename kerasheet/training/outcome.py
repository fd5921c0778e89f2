"""A row of the book, trained again, and whether it came out as published."""

from collections.abc import Mapping
from dataclasses import dataclass

TOLERANCE = {"loss": 0.01, "accuracy": -0.01, "perplexity": 0.1}
"""How much worse than published is still the same; negative where more is better.

Test accuracies after a single epoch scatter by several points between frameworks and
decide nothing."""

FACTORS = {"norm": 1.25, "decayed_norm": 2.0}
"""How many times larger or smaller than published is still the same.

Over a hundred starts a norm scatters by 5 %, and a decayed one in batches of 1 by 16 %:
two of them are three standard deviations apart at these factors. λ/2 or 2 λ instead of
λ would make it 6 times another in batches of 5."""


@dataclass(frozen=True)
class Outcome:
    """A row, trained again.

    Attributes:
        name: of the row.
        epochs: that it was trained for.
        ours: figures of the last epoch, by the names of the published ones.
        published: the book's.
        seconds: of training.
        note: what one must know to compare.
    """

    name: str
    epochs: int
    ours: Mapping[str, float]
    published: Mapping[str, float]
    seconds: float
    note: str

    def agrees(self) -> bool:
        """Whether every deciding figure is as published, or better."""
        return all(
            (self.ours[name] - self.published[name]) * _sign(slack) <= abs(slack)
            for name, slack in TOLERANCE.items()
            if name in self.published
        ) and all(
            1 / factor <= self.ours[name] / self.published[name] <= factor
            for name, factor in FACTORS.items()
            if name in self.published
        )


def _sign(slack: float) -> int:
    return 1 if slack > 0 else -1
