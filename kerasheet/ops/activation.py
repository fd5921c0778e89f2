"""The non-linear functions between affine layers (sheet §2.3)."""

from keras import ops

from kerasheet.typing import Tensor


def relu(x: Tensor) -> Tensor:
    """Rectified linear unit.

    ```
    relu(x) = max(x, 0)
    ```

    Args:
        x: any shape.

    Returns:
        The same shape.

    Example:
    >>> relu([-1.0, 0.0, 2.0]).numpy().tolist()
    [0.0, 0.0, 2.0]

    Source: sheet §2.3.
    """
    return ops.relu(x)


def sigmoid(x: Tensor) -> Tensor:
    """Squash into (0, 1).

    ```
    sigmoid(x) = 1 / (1 + exp(-x))
    ```

    Args:
        x: any shape.

    Returns:
        The same shape.

    Example:
    >>> sigmoid([-1000.0, 0.0, 1000.0]).numpy().tolist()
    [0.0, 0.5, 1.0]

    Source: sheet §2.3.
    """
    return ops.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """Squash into (-1, 1).

    ```
    tanh(x) = (1 - exp(-2x)) / (1 + exp(-2x))
    ```

    Args:
        x: any shape.

    Returns:
        The same shape.

    Example:
    >>> tanh([-1000.0, 0.0, 1000.0]).numpy().tolist()
    [-1.0, 0.0, 1.0]

    Source: sheet §2.3.
    """
    return ops.tanh(x)
