"""Which samples are held out."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from kerasheet.data.samples import Examples, Stream
from kerasheet.errors import DataError

AnySamples = TypeVar("AnySamples", Examples, Stream)

TEST_SHARE = 0.2
"""Of data that comes without a test part of its own."""


def stratify(
    y: np.ndarray, share: float, seed: int = 0, labels: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the same share of every class, and at least one sample of each.

    Args:
        y: (samples,), class numbers.
        share: of each class that is drawn, between 0 and 1.
        seed: the same seed draws the same samples on every machine.
        labels: names of the classes, for the error; None for their numbers.

    Returns:
        Positions of the samples that remain and of those that are held out, each in
        rising order.

    Raises:
        DataError: a class has a single sample.
        ValueError: `share` is not between 0 and 1.

    Example:
    >>> rest, held_out = stratify(np.repeat([0, 1], [10, 5]), 0.2)
    >>> len(rest), len(held_out)
    (12, 3)
    """
    if not 0 < share < 1:
        raise ValueError(
            f"Holding out needs a `share` between 0 and 1. Received: share={share!r}."
        )
    random = np.random.RandomState(seed)  # the one that NumPy promises never to change
    held_out = np.zeros(len(y), bool)
    for number in np.unique(y):
        members = np.flatnonzero(y == number)
        if len(members) < 2:
            name = labels[number] if labels else str(number)
            raise DataError(
                f"Holding out {share:.0%} of every class takes at least 2 samples of "
                f"each, but class {name!r} has 1. Add samples, or remove the class."
            )
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        held_out[random.permutation(members)[:count]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def hold_out(
    samples: AnySamples, share: float, seed: int = 0
) -> tuple[AnySamples, AnySamples]:
    """Samples without a share of every class, and that share.

    Args:
        samples: in memory or on disk.
        share: of each class that is held out, between 0 and 1.
        seed: the same seed holds out the same samples.

    Raises:
        DataError: a class has a single sample.
        ValueError: `share` is not between 0 and 1.
    """
    rest, held_out = stratify(samples.y, share, seed)
    return samples.subset(rest), samples.subset(held_out)
