"""The recurrent layer's formula (sheet §7.2)."""

from typing import Any

import keras
from keras import ops

from kerasheet.ops import kernels
from kerasheet.ops.recurrence_gradient import activation_and_slope, rnn_backward
from kerasheet.ops.tensor import as_tensor, check_ids, fits
from kerasheet.typing import Shape, Tensor


def rnn_step(
    x: Tensor,
    state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    activation: str = "tanh",
) -> Tensor:
    """One time step: a dense layer that also sees what it answered a step ago.

    ```
    H_t = φ(X_t W_xh + H_{t-1} W_hh + b_h) = φ([X_t, H_{t-1}] [W_xh; W_hh] + b_h)
    ```

    Args:
        x: X_t, (batch, features), or class numbers (batch,), which stand for their
            one-hot rows.
        state: H_{t-1}, (batch, units).
        kernel: W_xh, (features, units).
        recurrent_kernel: W_hh, (units, units).
        bias: b_h, (units,).
        activation: φ, one of `"tanh"`, `"relu"`, `"sigmoid"`, `"linear"`.

    Returns:
        H_t, (batch, units).

    Raises:
        ValueError: `activation` is unknown, a shape fits no other, or a class number
            is out of range.

    Example:
    >>> rnn_step([[1.0]], [[2.0]], [[3.0]], [[4.0]], [5.0], "linear").numpy()
    array([[16.]], dtype=float32)

    Source: sheet §7.2.
    """
    phi, _ = activation_and_slope(activation)
    kernel = as_tensor(kernel)
    recurrent_kernel = as_tensor(recurrent_kernel, kernel)
    sums = _project("rnn_step", as_tensor(x), kernel, ("batch",))
    state = _as_state("rnn_step", state, recurrent_kernel, sums.shape[0])
    return phi(sums + as_tensor(bias, kernel) + ops.matmul(state, recurrent_kernel))


def rnn(
    x: Tensor,
    state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    activation: str = "tanh",
    *,
    mask: Tensor | None = None,
    reverse: bool = False,
    time_major: bool = False,
) -> tuple[Tensor, Tensor]:
    """`rnn_step` at every time step of a sequence.

    ```
    H_t = φ(X_t W_xh + H_{t-1} W_hh + b_h)        t = 1 … T
    ```

    All X_t W_xh are one product, or a lookup of rows for class numbers; only
    H_{t-1} W_hh waits for the step before. The gradient is backpropagation through
    time by hand: one loop from the last step to the first, then each weight's gradient
    as one product over all steps (`rnn_backward`). Memory grows linearly in T.

    Args:
        x: X, (batch, steps, features), or class numbers (batch, steps), which stand
            for their one-hot rows.
        state: H_0, (batch, units).
        kernel: W_xh, (features, units).
        recurrent_kernel: W_hh, (units, units).
        bias: b_h, (units,).
        activation: φ, one of `"tanh"`, `"relu"`, `"sigmoid"`, `"linear"`.
        mask: (batch, steps), True where a step counts; any other hands the state on.
        reverse: whether to begin at the last step and go back.
        time_major: whether x, mask and outputs are (steps, batch, ...) instead.

    Returns:
        (outputs H, (batch, steps, units); the state after the last step, (batch,
        units)).

    Raises:
        ValueError: as for `rnn_step`, or there are no steps.

    Example:
    >>> outputs, state = rnn([[[1.0], [1.0]]], [[0.0]], [[1.0]], [[1.0]], [0.0], "relu")
    >>> outputs.numpy().tolist(), state.numpy().tolist()
    ([[[1.0], [2.0]]], [[2.0]])

    Source: sheet §7.2; the gradient §7.10.
    """
    activation_and_slope(activation)
    kernel = as_tensor(kernel)
    recurrent_kernel = as_tensor(recurrent_kernel, kernel)
    x = as_tensor(x)
    mask = None if mask is None else ops.cast(as_tensor(mask), "bool")
    if not time_major:
        x, mask = _swap(x), None if mask is None else _swap(mask)
    sums = _project("rnn", x, kernel, ("steps", "batch")) + as_tensor(bias, kernel)
    state = _as_state("rnn", state, recurrent_kernel, sums.shape[1])
    _check_steps(tuple(sums.shape[:2]), mask)
    outputs = _recur(sums, state, recurrent_kernel, activation, mask, reverse)
    last = outputs[0] if reverse else outputs[-1]
    return (outputs if time_major else _swap(outputs)), last


def _recur(
    sums: Tensor,
    state: Tensor,
    recurrent_kernel: Tensor,
    activation: str,
    mask: Tensor | None,
    reverse: bool,
) -> Tensor:
    """H_t = φ(sums_t + H_{t-1} W_hh), with `rnn_backward` as its gradient."""
    phi, _ = activation_and_slope(activation)

    def forward(sums: Tensor, state: Tensor, kernel: Tensor) -> Tensor:
        def step(
            state: Tensor, sums: Tensor, keep: Tensor = None
        ) -> tuple[Tensor, Tensor]:
            new = phi(sums + ops.matmul(state, kernel))
            new = new if keep is None else ops.where(keep, new, state)
            return new, new

        keep = () if mask is None else (ops.expand_dims(mask, -1),)
        # Turned around outside of the loop: tf2onnx takes every loop to write forwards.
        along = [ops.flip(one, 0) if reverse else one for one in (sums, *keep)]
        _, outputs = kernels.scan(step, state, along)
        return ops.flip(outputs, 0) if reverse else outputs

    @ops.custom_gradient
    def recur(sums: Tensor, state: Tensor, kernel: Tensor) -> Any:
        outputs = forward(sums, state, kernel)

        def gradient(*along: Tensor, upstream: Tensor = None) -> tuple[Tensor, ...]:
            slopes = rnn_backward(
                along[0] if upstream is None else upstream,
                outputs,
                state,
                kernel,
                activation,
                mask=mask,
                reverse=reverse,
            )
            return tuple(slopes)  # JAX takes no named one

        return outputs, gradient

    return recur(sums, kernels.read(state), kernels.read(recurrent_kernel))


def _project(owner: str, x: Tensor, kernel: Tensor, axes: tuple[str, ...]) -> Tensor:
    """X W: a product, or for class numbers the rows of W that it would pick."""
    ids = "int" in keras.backend.standardize_dtype(x.dtype)
    features = () if ids else (kernel.shape[0],)
    shape = tuple(x.shape)
    if len(shape) != len(axes) + len(features) or shape[len(axes) :] != features:
        form = ", ".join(map(str, (*axes, *features)))
        raise ValueError(
            f"{owner} with a kernel {tuple(kernel.shape)} needs `x` of shape "
            f"({form}). Received: {x.dtype} of shape {shape}."
        )
    if not ids:
        return ops.matmul(ops.cast(x, kernel.dtype), kernel)
    check_ids(owner, x, kernel.shape[0])
    return kernels.take_rows(kernel, x)


def _as_state(
    owner: str, state: Tensor, recurrent_kernel: Tensor, batch: int | None
) -> Tensor:
    state = as_tensor(state, recurrent_kernel)
    units = recurrent_kernel.shape[0]
    shape = tuple(state.shape)
    if not fits(shape, (batch, units)):
        raise ValueError(
            f"{owner} needs `state` of shape ({batch or 'batch'}, {units}). "
            f"Received: shape {shape}."
        )
    return state


def _check_steps(expected: Shape, mask: Tensor | None) -> None:
    if expected[0] == 0:
        raise ValueError("rnn needs `x` of one step or more. Received: none.")
    if mask is not None and not fits(tuple(mask.shape), expected):
        raise ValueError(
            f"rnn needs `mask` of shape (steps, batch), here {expected}. Received: "
            f"shape {tuple(mask.shape)}."
        )


def _swap(x: Tensor) -> Tensor:
    """Between (batch, steps, ...) and (steps, batch, ...)."""
    return ops.swapaxes(x, 0, 1)
