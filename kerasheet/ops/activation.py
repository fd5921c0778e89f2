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


def relu_derivative(x: Tensor) -> Tensor:
    """Slope of `relu`, taken as 0 at the kink.

    ```
    relu'(x) = 1 if x > 0 else 0
    ```

    Args:
        x: any shape.

    Returns:
        The same shape.

    Example:
    >>> relu_derivative([-1.0, 0.0, 2.0]).numpy().tolist()
    [0.0, 0.0, 1.0]

    Source: sheet §2.3, needed in §5.2.3.
    """
    x = ops.convert_to_tensor(x)
    return ops.cast(x > 0, x.dtype)


def sigmoid_derivative(x: Tensor) -> Tensor:
    """Slope of `sigmoid`.

    ```
    sigmoid'(x) = sigmoid(x) (1 - sigmoid(x))
    ```

    Args:
        x: any shape.

    Returns:
        The same shape.

    Example:
    >>> sigmoid_derivative([0.0]).numpy().tolist()
    [0.25]

    Source: sheet §2.3, needed in §5.2.3.
    """
    y = ops.sigmoid(x)
    return y * (1.0 - y)


def tanh_derivative(x: Tensor) -> Tensor:
    """Slope of `tanh`.

    ```
    tanh'(x) = 1 - tanh(x)²
    ```

    Args:
        x: any shape.

    Returns:
        The same shape.

    Example:
    >>> tanh_derivative([0.0]).numpy().tolist()
    [1.0]

    Source: sheet §2.3, needed in §5.2.3.
    """
    y = ops.tanh(x)
    return 1.0 - y * y
