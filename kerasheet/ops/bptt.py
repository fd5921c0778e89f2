"""Backpropagation through time by hand, as the sheet writes it (§7.8–7.10).

One sample, no biases, φ the identity, and vectors as columns: W_hx is (hidden,
features), the transpose of §7.2's W_xh.
"""

from typing import NamedTuple

from keras import ops

from kerasheet.ops.recurrence import rnn
from kerasheet.ops.recurrence_gradient import rnn_backward
from kerasheet.ops.softmax import cross_entropy, softmax
from kerasheet.ops.tensor import as_tensor
from kerasheet.typing import Tensor


class RnnWeights(NamedTuple):
    """The parameters, or the slopes along them.

    Attributes:
        w_hx: W_hx, (hidden, features).
        w_hh: W_hh, (hidden, hidden).
        w_qh: W_qh, (classes, hidden).

    Source: sheet §7.7.
    """

    w_hx: Tensor
    w_hh: Tensor
    w_qh: Tensor


class Bptt(NamedTuple):
    """What going forward and back through T steps gives.

    Attributes:
        L: the mean loss of the steps, in nats.
        along_o: ∂L/∂o_t, (T, classes).
        along_h: ∂L/∂h_t, (T, hidden).
        along_weights: ∂L/∂W_hx, ∂L/∂W_hh and ∂L/∂W_qh.

    Source: sheet §7.7 to §7.10.
    """

    L: Tensor
    along_o: Tensor
    along_h: Tensor
    along_weights: RnnWeights


def bptt(weights: RnnWeights, x: Tensor, labels: Tensor, initial: Tensor) -> Bptt:
    """The loss of one sequence and its slopes, by the chain rule through all steps.

    ```
    h_t = W_hx x_t + W_hh h_{t-1}    o_t = W_qh h_t    L = 1/T Σ_t l(o_t, y_t)

    ∂L/∂o_t = (softmax(o_t) - y_t) / T
    ∂L/∂h_T = W_qhᵀ ∂L/∂o_T
    ∂L/∂h_t = W_hhᵀ ∂L/∂h_{t+1} + W_qhᵀ ∂L/∂o_t        t < T
    ∂L/∂W_qh = Σ_t ∂L/∂o_t h_tᵀ
    ∂L/∂W_hx = Σ_t ∂L/∂h_t x_tᵀ        ∂L/∂W_hh = Σ_t ∂L/∂h_t h_{t-1}ᵀ
    ```

    The loop over ∂L/∂h_t is `rnn_backward`, which is also the gradient of `rnn`.

    Args:
        weights: the parameters.
        x: x_1 … x_T, (T, features).
        labels: y_1 … y_T, class numbers, (T,).
        initial: h_0, (hidden,).

    Returns:
        The loss and the slopes.

    Example:
    >>> weights = RnnWeights([[1.0]], [[1.0]], [[1.0], [-1.0]])
    >>> slopes = bptt(weights, [[0.0], [0.0]], [0, 1], [0.0])
    >>> slopes.along_o.numpy().tolist(), slopes.along_h.numpy().tolist()
    ([[-0.25, 0.25], [0.25, -0.25]], [[0.0], [0.5]])

    Source: sheet §7.8–7.10, with ∂L/∂W_qh, which it leaves out (errata 50, 54).
    """
    w_hx, w_hh, w_qh = (as_tensor(weight) for weight in weights)
    x, labels = as_tensor(x, w_hx), as_tensor(labels)
    before, recurrent_kernel = as_tensor(initial, w_hx)[None], ops.transpose(w_hh)
    h, _ = rnn(
        x[None],
        before,
        ops.transpose(w_hx),
        recurrent_kernel,
        ops.zeros_like(before[0]),
        "linear",
    )
    o = ops.matmul(h[0], ops.transpose(w_qh))
    truth = ops.one_hot(labels, w_qh.shape[0], dtype=w_qh.dtype)
    along_o = (softmax(o) - truth) / x.shape[0]
    slopes = rnn_backward(
        ops.matmul(along_o, w_qh)[:, None],
        ops.swapaxes(h, 0, 1),
        before,
        recurrent_kernel,
        "linear",
    )
    along_h = slopes.sums[:, 0]
    along_weights = RnnWeights(
        w_hx=ops.matmul(ops.transpose(along_h), x),
        w_hh=ops.transpose(slopes.recurrent_kernel),
        w_qh=ops.matmul(ops.transpose(along_o), h[0]),
    )
    loss = cross_entropy(o, labels, "mean")
    return Bptt(loss, along_o, along_h, along_weights)


def bptt_expanded(weights: RnnWeights, along_o: Tensor, step: int) -> Tensor:
    """∂L/∂h_t without recursion: what each later step adds, summed.

    ```
    ∂L/∂h_t = Σ_{i=t}^{T} (W_hhᵀ)^{T-i} W_qhᵀ ∂L/∂o_{T+t-i}
    ```

    The powers are why gradients vanish or explode: an eigenvalue of W_hh below 1 in
    size fades with the distance, and one above 1 grows.

    Args:
        weights: the parameters.
        along_o: ∂L/∂o_1 … ∂L/∂o_T, (T, classes).
        step: t, from 1 to T.

    Returns:
        ∂L/∂h_t, (hidden,).

    Raises:
        ValueError: `step` is not from 1 to T.

    Example:
    >>> weights = RnnWeights([[1.0]], [[2.0]], [[1.0]])
    >>> bptt_expanded(weights, [[1.0], [1.0], [1.0]], step=1).numpy().tolist()
    [7.0]

    Source: sheet §7.10, its last line (errata 51–53).
    """
    w_hh, w_qh = as_tensor(weights.w_hh), as_tensor(weights.w_qh)
    along_o = as_tensor(along_o, w_qh)
    steps = along_o.shape[0]
    if type(step) is not int or not 1 <= step <= steps:
        raise ValueError(
            f"bptt_expanded of {steps} steps needs `step` from 1 to {steps}. "
            f"Received: step={step!r}."
        )
    total, power = 0.0, ops.eye(w_hh.shape[0], dtype=w_hh.dtype)
    for later in range(step - 1, steps):  # T + t - i, counted from 0
        total = total + ops.matmul(power, ops.matmul(along_o[later], w_qh))
        power = ops.matmul(ops.transpose(w_hh), power)
    return total
