"""Affine maps: why they need activations between, and the loss of regression."""

from keras import ops

from kerasheet.ops.tensor import as_tensor
from kerasheet.typing import Tensor


def collapse_affine(
    hidden_kernel: Tensor, hidden_bias: Tensor, kernel: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """The one affine layer that two without an activation between amount to.

    ```
    O = (X W_h + b_h) W_o + b_o = X (W_h W_o) + (b_h W_o + b_o)
    ```

    Args:
        hidden_kernel: W_h, (features, hidden).
        hidden_bias: b_h, (hidden,).
        kernel: W_o, (hidden, outputs).
        bias: b_o, (outputs,).

    Returns:
        (kernel, bias) of shapes (features, outputs) and (outputs,).

    Example:
    >>> kernel, bias = collapse_affine([[2.0]], [1.0], [[3.0]], [4.0])
    >>> kernel.numpy().tolist(), bias.numpy().tolist()
    ([[6.0]], [7.0])

    Source: sheet §2.2.
    """
    kernel = as_tensor(kernel)
    hidden_kernel, hidden_bias, bias = (
        as_tensor(x, kernel) for x in (hidden_kernel, hidden_bias, bias)
    )
    return ops.matmul(hidden_kernel, kernel), ops.matmul(hidden_bias, kernel) + bias


def squared_loss(
    predictions: Tensor, targets: Tensor, reduction: str = "none"
) -> Tensor:
    """Half the squared difference, so that its slope is the difference.

    ```
    l[n] = (ŷ[n] - y[n])² / 2
    ```

    Args:
        predictions: ŷ, any shape.
        targets: y, the same shape.
        reduction: `"none"` for one value per element, `"mean"` for their mean.

    Returns:
        The same shape, or a scalar.

    Raises:
        ValueError: `reduction` is unknown, or the shapes differ.

    Example:
    >>> squared_loss([3.0, 1.0], [1.0, 1.0]).numpy().tolist()
    [2.0, 0.0]

    Source: sheet §2.4 and §3.
    """
    check_reduction("squared_loss", reduction)
    predictions = as_tensor(predictions)
    targets = as_tensor(targets, predictions)
    if tuple(predictions.shape) != tuple(targets.shape):
        raise ValueError(
            "squared_loss needs targets of the predictions' shape "
            f"{tuple(predictions.shape)}. Received: {tuple(targets.shape)}."
        )
    losses = ops.square(predictions - targets) / 2.0
    return ops.mean(losses) if reduction == "mean" else losses


def check_reduction(owner: str, reduction: str) -> None:
    """Refuse a `reduction` that is neither none nor the mean."""
    if reduction not in ("none", "mean"):
        raise ValueError(
            f'{owner} needs `reduction` to be "none" or "mean". '
            f"Received: reduction={reduction!r}."
        )
