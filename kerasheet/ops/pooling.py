"""The largest or the mean pixel under a sliding window (sheet §6.5)."""

from collections.abc import Sequence

from kerasheet.ops import kernels
from kerasheet.ops.tensor import as_tensor
from kerasheet.ops.window import Padding, check_padding, check_pair, output_shape
from kerasheet.typing import Tensor


def pool2d(
    images: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: Padding = "valid",
    mode: str = "max",
) -> Tensor:
    """Summarize every window of every channel by its maximum or its mean.

    ```
    max: y[n,i,j,c] = max_{u,v} x[n, i*s+u, j*s+v, c]
    avg: y[n,i,j,c] = mean_{u,v} x[n, i*s+u, j*s+v, c]
    ```

    Padding never wins a maximum. In a mean, explicit padding counts as zeros and
    `"same"` padding does not count, as in PyTorch and Keras.

    Args:
        images: (batch, height, width, channels).
        pool_size: (rows, columns) of the window, or one number for both, in pixels.
        strides: step `s` between stops, in pixels; None for `pool_size`.
        padding: `"valid"`, `"same"`, or pixels on each side: one, or (rows, columns),
            fewer than the window has.
        mode: `"max"` or `"avg"`.

    Returns:
        (batch, new_height, new_width, channels).

    Raises:
        ValueError: an argument is none of these, or the window does not fit.

    Example:
    >>> import numpy as np
    >>> image = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> pool2d(image, 2, strides=1).numpy()[0, :, :, 0].tolist()
    [[4.0, 5.0], [7.0, 8.0]]

    Source: sheet §6.5 (whose code strides by 1 and returns zeros for a bad mode).
    """
    check_mode("pool2d", mode)
    window = check_pair("pool2d", "pool_size", pool_size)
    pads = check_pool_padding("pool2d", padding, window)
    steps = window if strides is None else check_pair("pool2d", "strides", strides)
    images = as_tensor(images)
    if len(images.shape) != 4:
        raise ValueError(
            "pool2d needs images (batch, height, width, channels). "
            f"Received: shape {tuple(images.shape)}."
        )
    output_shape("pool2d", images.shape, window, steps, pads)
    kernel = kernels.max_pool if mode == "max" else kernels.average_pool
    return kernel(images, window, steps, pads)


def check_mode(owner: str, mode: str) -> str:
    """Refuse a `mode` that is neither maximum nor mean."""
    if mode not in ("max", "avg"):
        raise ValueError(
            f'{owner} needs `mode` to be "max" or "avg". Received: mode={mode!r}.'
        )
    return mode


def check_pool_padding(
    owner: str, padding: Padding, window: tuple[int, int]
) -> str | tuple[int, int]:
    """Read `padding`; refuse one that would let a window see no pixel at all."""
    pads = check_padding(owner, padding)
    if not isinstance(pads, str) and (pads[0] >= window[0] or pads[1] >= window[1]):
        raise ValueError(
            f"{owner} needs `padding` smaller than its {window} window, or a window "
            f"could hold nothing but padding. Received: padding={padding!r}."
        )
    return pads
