"""Against overfitting: noise on the units, a price on the weights (sheet §3, §4)."""

import keras
from keras import ops

from kerasheet.typing import Tensor


def dropout(
    x: Tensor, rate: float, seed: int | keras.random.SeedGenerator | None = None
) -> Tensor:
    """Zero each unit with probability p and stretch the others (inverted dropout).

    ```
    h'[i] = ξ[i] / (1 - p) * h[i],    P(ξ = 0) = p,    so that E[h'] = h
    ```

    At p = 1 every unit is dropped: zeros, not 0/0.

    Args:
        x: any shape.
        rate: the probability p, from 0 to 1.
        seed: an int for the same mask at every call, or a generator.

    Returns:
        The same shape.

    Raises:
        ValueError: `rate` is not within [0, 1].

    Example:
    >>> sorted(set(dropout([1.0] * 100, 0.5, seed=0).numpy().tolist()))
    [0.0, 2.0]

    Source: sheet §4.
    """
    check_rate("dropout", rate)
    x = ops.convert_to_tensor(x)
    if rate == 0:
        return x
    if rate == 1:
        return ops.zeros_like(x)
    keep = keras.random.uniform(ops.shape(x), seed=seed, dtype="float32") >= rate
    return ops.where(keep, x / (1.0 - rate), ops.zeros_like(x))


def check_rate(owner: str, rate: float) -> float:
    """Refuse a dropout rate that is not a probability."""
    if not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise ValueError(
            f"{owner} needs `rate` to be a probability from 0 to 1. "
            f"Received: rate={rate!r}."
        )
    return rate
