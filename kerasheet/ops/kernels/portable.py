"""Windows, batch statistics and loops in Keras' own operations, for every backend."""

from collections.abc import Callable, Sequence

import keras
from keras import ops

from kerasheet.typing import Tensor


def correlate(
    images: Tensor,
    kernel: Tensor,
    strides: tuple[int, int],
    padding: str | tuple[int, int],
) -> Tensor:
    """`corr2d` without the bias; arguments already checked."""
    images, padding = _as_named(images, kernel.shape[:2], strides, padding, 0.0)
    return ops.conv(
        images, kernel, strides=strides, padding=padding, data_format="channels_last"
    )


def max_pool(
    images: Tensor,
    window: tuple[int, int],
    strides: tuple[int, int],
    padding: str | tuple[int, int],
) -> Tensor:
    """`pool2d` with `mode="max"`; arguments already checked."""
    images, padding = _as_named(images, window, strides, padding, -float("inf"))
    return ops.max_pool(images, window, strides, padding, "channels_last")


def average_pool(
    images: Tensor,
    window: tuple[int, int],
    strides: tuple[int, int],
    padding: str | tuple[int, int],
) -> Tensor:
    """`pool2d` with `mode="avg"`; arguments already checked."""
    images, padding = _pad(images, padding, 0.0)
    return ops.average_pool(images, window, strides, padding, "channels_last")


def standardize(
    x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalize by the batch's own statistics.

    Returns:
        (outputs, mean, biased variance), the statistics of shape (channels,).
    """
    exact = ops.cast(x, gamma.dtype)
    axes = tuple(range(len(x.shape) - 1))
    mean, variance = ops.moments(exact, axes=axes)
    return normalize(x, gamma, beta, mean, variance, epsilon), mean, variance


standardize_together = standardize
"""One replica holds the whole batch."""


def normalize(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: float,
) -> Tensor:
    """Normalize by given statistics: one multiplication and one addition a value."""
    scale = gamma * ops.rsqrt(variance + epsilon)
    shift = beta - mean * scale
    return ops.cast(ops.cast(x, gamma.dtype) * scale + shift, x.dtype)


def scan(
    step: Callable[..., tuple[Tensor, Tensor]],
    carry: Tensor,
    sequences: Sequence[Tensor],
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Loop over the first axis.

    Args:
        step: of the carry and a slice of each sequence, to the next carry and an answer
            of the carry's type and shape.
        carry: what the first step is given.
        sequences: (steps, ...) each.
        reverse: whether to begin at the last slice; answers stay in the slices' order.

    Returns:
        (the last carry, the answers, (steps, ...)).
    """
    return ops.scan(
        lambda carry, slices: step(carry, *slices),
        carry,
        tuple(sequences),
        reverse=reverse,
    )


def read(x: Tensor) -> Tensor:
    """The value of a variable; a tensor stays."""
    return ops.convert_to_tensor(x)


def take_rows(table: Tensor, ids: Tensor) -> Tensor:
    """Row `ids[...]` of a table, (rows, columns), at every place of `ids`."""
    return ops.take(table, ids, axis=0)


def uniform(shape: Tensor, seed: int | keras.random.SeedGenerator | None) -> Tensor:
    """Numbers from 0 to 1."""
    return keras.random.uniform(shape, seed=seed, dtype="float32")


def _as_named(
    images: Tensor,
    window: Sequence[int],
    strides: tuple[int, int],
    padding: str | tuple[int, int],
    value: float,
) -> tuple[Tensor, str]:
    """Padding by name: `"same"` where it has the same stops, which saves a copy."""
    if not isinstance(padding, str) and all(
        map(_is_same, images.shape[1:3], window, strides, padding)
    ):
        return images, "same"
    return _pad(images, padding, value)


def _is_same(size: int | None, window: int, stride: int, zeros: int) -> bool:
    """Whether `"same"` would put just as many zeros on both sides."""
    if stride == 1 or size is None:
        return stride == 1 and window == 2 * zeros + 1
    return max((-(-size // stride) - 1) * stride + window - size, 0) == 2 * zeros


def _pad(
    images: Tensor, padding: str | tuple[int, int], value: float
) -> tuple[Tensor, str]:
    if isinstance(padding, str):
        return images, padding
    rows, columns = padding
    if rows or columns:
        around = ((0, 0), (rows, rows), (columns, columns), (0, 0))
        images = ops.pad(images, around, constant_values=value)
    return images, "valid"
