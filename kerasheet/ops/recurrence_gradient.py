"""Backpropagation through time for the recurrent layer (sheet §7.10)."""

from collections.abc import Callable
from typing import NamedTuple

from keras import ops

from kerasheet.ops import kernels
from kerasheet.ops.tensor import as_tensor
from kerasheet.typing import Tensor

Function = Callable[[Tensor], Tensor]

ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "tanh": (ops.tanh, lambda h: 1.0 - h * h),
    "relu": (ops.relu, lambda h: ops.cast(h > 0, h.dtype)),
    "sigmoid": (ops.sigmoid, lambda h: h * (1.0 - h)),
    "linear": (lambda z: z, ops.ones_like),
}
"""Each φ, and its slope φ'(z) as a function of h = φ(z), which is what is kept."""


class RecurrentSlopes(NamedTuple):
    """Slopes of a loss along what `rnn` computed with.

    Attributes:
        sums: ∂L/∂Z for Z = X W_xh + b_h, (steps, batch, units).
        state: ∂L/∂H_0, (batch, units).
        recurrent_kernel: ∂L/∂W_hh, (units, units).

    Source: sheet §7.10.
    """

    sums: Tensor
    state: Tensor
    recurrent_kernel: Tensor


def rnn_backward(
    along_outputs: Tensor,
    outputs: Tensor,
    state: Tensor,
    recurrent_kernel: Tensor,
    activation: str = "tanh",
    *,
    mask: Tensor | None = None,
    reverse: bool = False,
) -> RecurrentSlopes:
    """Go back through time: one loop, then one product over all steps.

    With Y_t the output that the rest of the network sees, and Z_t = X_t W_xh + b_h:

    ```
    ∂L/∂H_t = ∂L/∂Y_t + ∂L/∂Z_{t+1} W_hhᵀ
    ∂L/∂Z_t = ∂L/∂H_t ⊙ φ'(Z_t + H_{t-1} W_hh)
    ∂L/∂W_hh = Σ_t H_{t-1}ᵀ ∂L/∂Z_t        ∂L/∂H_0 = ∂L/∂Z_1 W_hhᵀ
    ```

    ∂L/∂Z is all that the other weights need: ∂L/∂W_xh = Σ_t X_tᵀ ∂L/∂Z_t and
    ∂L/∂b_h = Σ_t ∂L/∂Z_t. It is the gradient that `rnn` has.

    Args:
        along_outputs: ∂L/∂Y, (steps, batch, units).
        outputs: H, (steps, batch, units), as `rnn` gave them with `time_major`.
        state: H_0, (batch, units).
        recurrent_kernel: W_hh, (units, units).
        activation: φ, as in `rnn`.
        mask: (steps, batch), as in `rnn`; a step that does not count hands ∂L/∂H on.
        reverse: as in `rnn`.

    Returns:
        The slopes.

    Raises:
        ValueError: `activation` is unknown.

    Example:
    >>> h = [[[1.0]], [[3.0]]]  # of x = 1, 2 with all weights 1
    >>> ones = [[[1.0]], [[1.0]]]
    >>> slopes = rnn_backward(ones, h, [[0.0]], [[1.0]], "linear")
    >>> slopes.sums.numpy().ravel().tolist(), slopes.recurrent_kernel.numpy().item()
    ([2.0, 1.0], 1.0)

    Source: sheet §7.10, for rows instead of columns, with φ and a batch.
    """
    _, slope_of_phi = activation_and_slope(activation)
    outputs = as_tensor(outputs)
    kernel, state = as_tensor(recurrent_kernel, outputs), as_tensor(state, outputs)
    slopes = slope_of_phi(outputs)
    sequences = [as_tensor(along_outputs, outputs), slopes]
    if mask is not None:
        sequences.append(ops.expand_dims(ops.cast(mask, "bool"), -1))
    transposed = ops.transpose(kernel)

    def step(
        later: Tensor, along: Tensor, slope: Tensor, keep: Tensor = None
    ) -> tuple[Tensor, Tensor]:
        along_h = along + later
        along_z = along_h * slope
        if keep is None:
            return ops.matmul(along_z, transposed), along_z
        along_z = ops.where(keep, along_z, ops.zeros_like(along_z))
        earlier = ops.matmul(along_z, transposed)
        return ops.where(keep, earlier, along_h), along_z

    along_state, sums = kernels.scan(
        step, ops.zeros_like(state), sequences, not reverse
    )
    first = ops.expand_dims(state, 0)
    before = [outputs[1:], first] if reverse else [first, outputs[:-1]]
    units = kernel.shape[0]
    along_kernel = ops.matmul(
        ops.transpose(ops.reshape(ops.concatenate(before), (-1, units))),
        ops.reshape(sums, (-1, units)),
    )
    return RecurrentSlopes(sums, along_state, along_kernel)


def activation_and_slope(name: str) -> tuple[Function, Function]:
    """φ, and its slope as a function of φ's value.

    Raises:
        ValueError: `name` is unknown.
    """
    if name not in ACTIVATIONS:
        raise ValueError(
            f"A recurrent activation is one of {', '.join(ACTIVATIONS)}. "
            f"Received: activation={name!r}."
        )
    return ACTIVATIONS[name]
