"""Windows and batch statistics in Keras' own operations, for every backend."""

from keras import ops

from kerasheet.typing import Tensor


def correlate(
    images: Tensor,
    kernel: Tensor,
    strides: tuple[int, int],
    padding: str | tuple[int, int],
) -> Tensor:
    """`corr2d` without the bias; arguments already checked."""
    images, padding = _pad(images, padding, 0.0)
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
    if strides == (1, 1) and window == tuple(2 * p + 1 for p in _explicit(padding)):
        padding = "same"  # the same stops, without a copy of the images
    images, padding = _pad(images, padding, -float("inf"))
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


def _explicit(padding: str | tuple[int, int]) -> tuple[int, ...]:
    return () if isinstance(padding, str) else padding


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
