"""Batch normalization (sheet §6.11)."""

from keras import ops

from kerasheet.ops import kernels
from kerasheet.ops.tensor import as_tensor
from kerasheet.typing import Tensor


def batch_norm(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    moving_mean: Tensor,
    moving_variance: Tensor,
    training: bool = False,
    momentum: float = 0.9,
    epsilon: float = 1e-5,
    synchronized: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Give every channel the mean β and the standard deviation γ.

    ```
    x̂ = (x - μ) / sqrt(σ² + ε)        y = γ x̂ + β
    ```

    In training μ and σ² are the batch's own mean and biased variance (1/m), over the
    samples for rank 2 and over samples and pixels for rank 4, and the averages move:
    `momentum * old + (1 - momentum) * new`, with no gradient through them. In
    inference μ and σ² are the moving averages, so an answer does not depend on the
    rest of its batch.

    Args:
        x: (batch, channels) or (batch, height, width, channels).
        gamma: (channels,), the scale γ; its dtype is that of the statistics.
        beta: (channels,), the shift β.
        moving_mean: (channels,).
        moving_variance: (channels,).
        training: whether to use and record the batch's own statistics.
        momentum: share of the old average that is kept.
        epsilon: ε, keeps the division finite.
        synchronized: whether the statistics in training are those of the whole batch
            where `tf.distribute` has cut it into parts, one a replica, and not each
            part's own.

    Returns:
        (outputs like `x`, new moving mean, new moving variance).

    Raises:
        ValueError: `x` is of another rank.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0], [3.0]], "float32")
    >>> one, zero = np.ones(1, "float32"), np.zeros(1, "float32")
    >>> y, mean, variance = batch_norm(x, one, zero, zero, one, training=True)
    >>> print(y.numpy().ravel().round(3), mean.numpy().round(3))
    [-1.  1.] [0.2]

    Source: sheet §6.11, with the variance over m (errata 31) and no gradient through
    the averages (errata 34).
    """
    x = ops.convert_to_tensor(x)
    if len(x.shape) not in (2, 4):
        raise ValueError(
            "batch_norm needs (batch, channels) or (batch, height, width, channels). "
            f"Received: shape {tuple(x.shape)}."
        )
    gamma = as_tensor(gamma)
    beta, mean = as_tensor(beta, gamma), as_tensor(moving_mean, gamma)
    variance = as_tensor(moving_variance, gamma)
    if not training:
        y = kernels.normalize(x, gamma, beta, mean, variance, epsilon)
        return y, mean, variance
    standardize = kernels.standardize_together if synchronized else kernels.standardize
    y, batch_mean, batch_variance = standardize(x, gamma, beta, epsilon)
    return (
        y,
        _move(mean, batch_mean, momentum),
        _move(variance, batch_variance, momentum),
    )


def _move(average: Tensor, value: Tensor, momentum: float) -> Tensor:
    return momentum * average + (1.0 - momentum) * ops.stop_gradient(value)
