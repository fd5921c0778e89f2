"""Against overfitting: noise on the units, a price on the weights (sheet §3, §4)."""

from collections.abc import Sequence

import keras
from keras import ops

from kerasheet.ops import kernels
from kerasheet.ops.tensor import as_tensor
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
    keep = kernels.uniform(ops.shape(x), seed) >= rate
    return ops.where(keep, x / (1.0 - rate), ops.zeros_like(x))


def l2_penalty(weights: Tensor | Sequence[Tensor], strength: float) -> Tensor:
    """The price on large weights.

    ```
    s = λ/2 * sum over the weights of ‖W‖²
    ```

    The sheet has this convention in §5.1 and λ/(2n) in §3: there λ is n times as large.
    `keras.regularizers.L2(l)` is l ‖W‖², so l = λ/2.

    Args:
        weights: one tensor of any shape, or a list of them; biases are left out by
            not naming them.
        strength: λ.

    Returns:
        A scalar.

    Example:
    >>> float(l2_penalty([[3.0, 4.0]], strength=2.0))
    25.0

    Source: sheet §3 and §5.1, errata 8 and 9.
    """
    tensors = weights if isinstance(weights, list | tuple) else [weights]
    return strength / 2.0 * sum(ops.sum(ops.square(tensor)) for tensor in tensors)


def l2_update(
    weight: Tensor, gradient: Tensor, learning_rate: float, strength: float
) -> Tensor:
    """One step of gradient descent on a loss with `l2_penalty`: weight decay.

    ```
    w ← (1 - η λ) w - η g
    ```

    The weight shrinks if 0 < ηλ < 2. With the penalty λ/(2n) ‖w‖² of §3 the factor is
    1 - ηλ/n, over the n samples of the data, not the batch's |B| that the sheet writes.

    Args:
        weight: w, any shape.
        gradient: g, the slope of the loss without the penalty, the same shape.
        learning_rate: η.
        strength: λ.

    Returns:
        The new weight.

    Example:
    >>> float(l2_update(1.0, 0.0, learning_rate=0.5, strength=0.5))
    0.75

    Source: sheet §3, corrected (errata 7).
    """
    weight = as_tensor(weight)
    gradient = as_tensor(gradient, weight)
    return (1.0 - learning_rate * strength) * weight - learning_rate * gradient


def check_rate(owner: str, rate: float) -> float:
    """Refuse a dropout rate that is not a probability."""
    if not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise ValueError(
            f"{owner} needs `rate` to be a probability from 0 to 1. "
            f"Received: rate={rate!r}."
        )
    return rate
