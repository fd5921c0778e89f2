"""Backpropagation by hand, for one hidden layer with an L2 penalty (sheet §5).

Vectors are columns here, as in the sheet's §5: W¹ is (hidden, features).
"""

from collections.abc import Callable
from typing import NamedTuple

from keras import ops

from kerasheet.ops.activation import (
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from kerasheet.ops.regularization import l2_penalty
from kerasheet.ops.softmax import cross_entropy, softmax
from kerasheet.typing import Tensor

Function = Callable[[Tensor], Tensor]

ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "relu": (relu, relu_derivative),
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
}


class Weights(NamedTuple):
    """The parameters, or the slopes along them.

    Attributes:
        w1: W¹, (hidden, features).
        w2: W², (classes, hidden).
        b1: b¹, (hidden,).
        b2: b², (classes,).

    Source: sheet §5.1.
    """

    w1: Tensor
    w2: Tensor
    b1: Tensor
    b2: Tensor


class Forward(NamedTuple):
    """The intermediate values, named as in Figure 5.1.

    Attributes:
        z: W¹ x + b¹, (hidden,).
        h: φ(z), (hidden,).
        o: W² h + b², (classes,): the logits.
        L: the sample's loss l(o, y), in nats.
        s: the penalty.
        J: the objective, L + s.

    Source: sheet §5.1.
    """

    z: Tensor
    h: Tensor
    o: Tensor
    L: Tensor
    s: Tensor
    J: Tensor


def mlp_forward(
    weights: Weights,
    x: Tensor,
    label: int,
    activation: str = "relu",
    strength: float = 0.0,
) -> Forward:
    """Compute the objective of one sample, keeping what going back will need.

    ```
    z = W¹ x + b¹    h = φ(z)    o = W² h + b²
    L = cross_entropy(o, y)    s = λ/2 (‖W¹‖² + ‖W²‖²)    J = L + s
    ```

    Args:
        weights: the parameters.
        x: one sample, (features,).
        label: its class y.
        activation: φ, one of `"relu"`, `"sigmoid"`, `"tanh"`.
        strength: λ.

    Returns:
        Every intermediate value.

    Raises:
        ValueError: `activation` is unknown.

    Example:
    >>> weights = Weights([[1.0]], [[1.0], [1.0]], [0.0], [0.0, 0.0])
    >>> print(round(float(mlp_forward(weights, [1.0], 0).J), 4))  # log 2
    0.6931

    Source: sheet §5.1, with the biases that it leaves out (errata 15).
    """
    phi, _ = _activation(activation)
    w1, w2, b1, b2 = (ops.convert_to_tensor(weight) for weight in weights)
    z = ops.matmul(w1, x) + b1
    h = phi(z)
    o = ops.matmul(w2, h) + b2
    loss = cross_entropy(o[None], [label], "mean")
    penalty = l2_penalty([w1, w2], strength)
    return Forward(z, h, o, loss, penalty, loss + penalty)


def mlp_backward(
    weights: Weights,
    x: Tensor,
    label: int,
    forward: Forward,
    activation: str = "relu",
    strength: float = 0.0,
) -> Weights:
    """Slopes of the objective J along every parameter, by the chain rule.

    ```
    ∂J/∂o = softmax(o) - y
    ∂J/∂W² = (∂J/∂o) hᵀ + λ W²        ∂J/∂b² = ∂J/∂o
    ∂J/∂h = (W²)ᵀ ∂J/∂o
    ∂J/∂z = ∂J/∂h ⊙ φ'(z)
    ∂J/∂W¹ = (∂J/∂z) xᵀ + λ W¹        ∂J/∂b¹ = ∂J/∂z
    ```

    Args:
        weights: the parameters.
        x: one sample, (features,).
        label: its class y.
        forward: what `mlp_forward` gave for the same arguments.
        activation: φ, as in `mlp_forward`.
        strength: λ, as in `mlp_forward`.

    Returns:
        The slopes, in the shapes of the parameters.

    Raises:
        ValueError: `activation` is unknown.

    Example:
    >>> weights = Weights([[1.0]], [[1.0], [1.0]], [0.0], [0.0, 0.0])
    >>> slopes = mlp_backward(weights, [1.0], 0, mlp_forward(weights, [1.0], 0))
    >>> slopes.w2.numpy().tolist(), slopes.b2.numpy().tolist()
    ([[-0.5], [0.5]], [-0.5, 0.5])

    Source: sheet §5.2, corrected (errata 12–15).
    """
    _, slope_of_phi = _activation(activation)
    w1, w2 = ops.convert_to_tensor(weights.w1), ops.convert_to_tensor(weights.w2)
    truth = ops.one_hot(label, w2.shape[0], dtype=w2.dtype)
    along_o = softmax(forward.o) - truth
    along_h = ops.matmul(ops.transpose(w2), along_o)
    along_z = along_h * slope_of_phi(forward.z)
    return Weights(
        w1=ops.outer(along_z, x) + strength * w1,
        w2=ops.outer(along_o, forward.h) + strength * w2,
        b1=along_z,
        b2=along_o,
    )


def _activation(name: str) -> tuple[Function, Function]:
    if name not in ACTIVATIONS:
        raise ValueError(
            f"An activation with a known slope is one of {', '.join(ACTIVATIONS)}. "
            f"Received: activation={name!r}."
        )
    return ACTIVATIONS[name]
