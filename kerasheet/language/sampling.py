"""Where the windows of a text begin, batch by batch (sheet §7.3)."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from kerasheet.errors import DataError, unknown

Sampling: TypeAlias = Callable[[int, int, int, np.random.Generator | None], np.ndarray]
"""A function of length, steps, batch size and a generator that gives the starts."""


def random_windows(
    length: int, steps: int, batch_size: int, rng: np.random.Generator | None
) -> np.ndarray:
    """Windows that do not overlap, in random order: §7.3's random sampling.

    They begin at multiples of `steps` after a random offset from 0 to `steps` - 1. The
    window that begins at s has the inputs s, …, s + steps - 1 and the labels s + 1, …,
    s + steps. Between batches, a model forgets its state.

    Args:
        length: of the text, in tokens.
        steps: of a window.
        batch_size: windows in a batch.
        rng: where the offset and the order come from; None for offset 0, in order.

    Returns:
        (batches, batch_size), int64, as many batches as `count_batches` says.

    Raises:
        ValueError: `steps` or `batch_size` is not a positive int.
        DataError: the text is too short for one batch.

    Example:
    >>> random_windows(14, 3, 2, None).tolist()
    [[0, 3]]

    Source: sheet §7.3, with windows that do not overlap (erratum 42).
    """
    shape = count_batches(length, steps, batch_size, "random"), batch_size
    offset = _offset(steps, rng)
    starts = np.arange(offset, length - steps, steps)
    if rng is not None:
        rng.shuffle(starts)
    return starts[: shape[0] * shape[1]].reshape(shape)


def consecutive_windows(
    length: int, steps: int, batch_size: int, rng: np.random.Generator | None
) -> np.ndarray:
    """Windows that go on, row by row, where those of the batch before ended.

    After a random offset from 0 to `steps` - 1, the text is cut into `batch_size`
    streams of one length; batch k holds the k-th window of each. Between batches, a
    model keeps its state, but no gradient flows.

    Args:
        length: of the text, in tokens.
        steps: of a window.
        batch_size: windows in a batch.
        rng: where the offset comes from; None for 0.

    Returns:
        (batches, batch_size), int64, as many batches as `count_batches` says.

    Raises:
        ValueError: `steps` or `batch_size` is not a positive int.
        DataError: the text is too short for one batch.

    Example:
    >>> consecutive_windows(16, 3, 2, None).tolist()
    [[0, 6], [3, 9]]

    Source: sheet §7.3 (erratum 43: only the offset is random).
    """
    batches = count_batches(length, steps, batch_size, "consecutive")
    stream = (length - steps) // batch_size
    begin = _offset(steps, rng) + stream * np.arange(batch_size)
    return begin + steps * np.arange(batches)[:, np.newaxis]


SAMPLINGS: dict[str, Sampling] = {
    "random": random_windows,
    "consecutive": consecutive_windows,
}
"""Every way of sampling, by the name that commands and recipes use."""


def count_batches(length: int, steps: int, batch_size: int, sampling: str) -> int:
    """How many batches a way of sampling makes, whatever the offset.

    ```
    floor((length - steps) / (steps · batch_size))
    ```

    It is what the largest offset allows, for every epoch to be of one shape; the two
    samplings make as many.

    Args:
        length: of the text, in tokens.
        steps: of a window.
        batch_size: windows in a batch.
        sampling: one of `SAMPLINGS`.

    Raises:
        ValueError: an argument is out of its range.
        DataError: it would be none.

    Example:
    >>> [count_batches(10_000, 35, 32, sampling) for sampling in SAMPLINGS]
    [8, 8]

    Source: sheet §7.3 (erratum 42).
    """
    if sampling not in SAMPLINGS:
        raise ValueError(unknown("sampling", sampling, SAMPLINGS))
    for name, value in (("steps", steps), ("batch_size", batch_size)):
        if type(value) is not int or value < 1:
            raise ValueError(
                f"Sampling needs `{name}` to be a positive int. Received: "
                f"{name}={value!r}."
            )
    batches = (length - steps) // (steps * batch_size)
    if batches < 1:
        raise DataError(
            f"{length} tokens are too few for a batch of {batch_size} windows of "
            f"{steps} steps: it takes at least {steps * (batch_size + 1)}. Give more "
            "text, or lower --steps or --batch-size."
        )
    return batches


def gather(ids: np.ndarray, starts: np.ndarray, steps: int) -> np.ndarray:
    """The windows of a text that begin at some places, each with its last label.

    Args:
        ids: (tokens,), in memory or on disk.
        starts: of any shape.
        steps: of a window.

    Returns:
        (..., steps + 1), int32: inputs `[..., :-1]`, labels `[..., 1:]`.

    Example:
    >>> gather(np.arange(10), np.array([0, 4]), 3).tolist()
    [[0, 1, 2, 3], [4, 5, 6, 7]]

    Source: sheet §7.3.
    """
    return ids[starts[..., np.newaxis] + np.arange(steps + 1)].astype(np.int32)


def _offset(steps: int, rng: np.random.Generator | None) -> int:
    return 0 if rng is None else int(rng.integers(steps))
