"""Probabilities from logits, and how wrong they are (sheet §1)."""

import keras
from keras import ops

from kerasheet.typing import Tensor


def softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """Turn logits into probabilities that sum to one.

    ```
    p[c] = exp(o[c]) / sum_c' exp(o[c'])
    ```

    The largest logit is subtracted first, so no exponential overflows.

    Args:
        logits: any shape, for instance (batch, classes).
        axis: the axis of the classes.

    Returns:
        Probabilities of the same shape.

    Example:
    >>> softmax([[0.0, 0.0, 1000.0]]).numpy().tolist()
    [[0.0, 0.0, 1.0]]

    Source: sheet §1.1–1.3.
    """
    return ops.softmax(_tensor(logits), axis=axis)


def log_softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """Logarithm of `softmax`, in nats, without passing through a rounded zero.

    ```
    log p[c] = o[c] - log sum_c' exp(o[c'])
    ```

    Args:
        logits: any shape, for instance (batch, classes).
        axis: the axis of the classes.

    Returns:
        Log-probabilities of the same shape.

    Example:
    >>> log_softmax([[0.0, 1000.0]]).numpy().tolist()
    [[-1000.0, 0.0]]

    Source: sheet §1.1 and §1.4.
    """
    return ops.log_softmax(_tensor(logits), axis=axis)


def cross_entropy(logits: Tensor, labels: Tensor, reduction: str = "none") -> Tensor:
    """Surprise at the right class, in nats.

    ```
    l[n] = -sum_c y[n,c] log softmax(o[n])[c]
    ```

    Args:
        logits: (..., classes), before the softmax.
        labels: class numbers of shape (...), or their distributions of shape
            (..., classes), one-hot or soft.
        reduction: `"none"` for one value per sample, `"mean"` for their mean.

    Returns:
        (...) values, or a scalar.

    Raises:
        ValueError: `reduction` is unknown, or the labels' shape fits neither form.

    Example:
    >>> print(cross_entropy([[0.0, 0.0]], [1]).numpy().round(4))  # log 2
    [0.6931]

    Source: sheet §1.4 (formula: the mean; code: one value per sample).
    """
    if reduction not in ("none", "mean"):
        raise ValueError(
            'cross_entropy needs `reduction` to be "none" or "mean". '
            f"Received: reduction={reduction!r}."
        )
    logits, labels = _tensor(logits), _tensor(labels)
    if tuple(labels.shape) == tuple(logits.shape):
        labels = ops.cast(labels, logits.dtype)
        losses = ops.categorical_crossentropy(labels, logits, from_logits=True)
    elif tuple(labels.shape) == tuple(logits.shape[:-1]):
        losses = ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    else:
        raise ValueError(
            f"cross_entropy of logits {tuple(logits.shape)} needs labels "
            f"{tuple(logits.shape[:-1])} (class numbers) or {tuple(logits.shape)} "
            f"(distributions). Received: labels of shape {tuple(labels.shape)}."
        )
    return ops.mean(losses) if reduction == "mean" else losses


def _tensor(x: Tensor) -> Tensor:
    return x if isinstance(x, keras.KerasTensor) else ops.convert_to_tensor(x)
