"""Probabilities from logits, and how wrong they are (sheet §1)."""

from keras import ops

from kerasheet.ops.affine import check_reduction
from kerasheet.ops.tensor import as_tensor
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
    return ops.softmax(as_tensor(logits), axis=axis)


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
    return ops.log_softmax(as_tensor(logits), axis=axis)


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
    check_reduction("cross_entropy", reduction)
    logits, labels = as_tensor(logits), as_tensor(labels)
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


def softmax_regression_step(
    kernel: Tensor, bias: Tensor, x: Tensor, labels: Tensor, learning_rate: float
) -> tuple[Tensor, Tensor]:
    """One step down the mean cross-entropy of softmax regression, in closed form.

    ```
    Ŷ = softmax(X W + b)
    W ← W + α Xᵀ (Y - Ŷ) / n        b ← b + α mean over n of (Y - Ŷ)
    ```

    Both use the Ŷ of before the step.

    Args:
        kernel: W, (features, classes).
        bias: b, (classes,).
        x: X, (batch, features), of n samples.
        labels: class numbers from 0, (batch,); Y is their one-hot form.
        learning_rate: α.

    Returns:
        The new (kernel, bias).

    Raises:
        ValueError: the labels are not one per sample.

    Example:
    >>> kernel, bias = [[0.0, 0.0]], [0.0, 0.0]
    >>> kernel, bias = softmax_regression_step(kernel, bias, [[1.0]], [0], 1.0)
    >>> kernel.numpy().tolist(), bias.numpy().tolist()
    ([[0.5, -0.5]], [0.5, -0.5])

    Source: sheet §1.4, with Xᵀ where it has X (errata 3 and 4).
    """
    kernel = as_tensor(kernel)
    x, bias = as_tensor(x, kernel), as_tensor(bias, kernel)
    labels = as_tensor(labels)
    if tuple(labels.shape) != tuple(x.shape[:1]):
        raise ValueError(
            f"softmax_regression_step of {x.shape[0]} samples needs labels of shape "
            f"({x.shape[0]},). Received: shape {tuple(labels.shape)}."
        )
    predictions = softmax(ops.matmul(x, kernel) + bias)
    truth = ops.one_hot(labels, kernel.shape[-1], dtype=kernel.dtype)
    error = truth - predictions
    return (
        kernel + learning_rate * ops.matmul(ops.transpose(x), error) / x.shape[0],
        bias + learning_rate * ops.mean(error, axis=0),
    )
