"""Two-dimensional cross-correlation and convolution (sheet §6.1–6.4)."""

from collections.abc import Sequence

from keras import ops

from kerasheet.ops import kernels
from kerasheet.ops.tensor import as_tensor
from kerasheet.ops.window import Padding, check_padding, check_pair, output_shape
from kerasheet.typing import Tensor


def corr2d(
    images: Tensor,
    kernel: Tensor,
    bias: Tensor | None = None,
    strides: int | Sequence[int] = 1,
    padding: Padding = "valid",
) -> Tensor:
    """Slide `kernel` over `images`, taking an inner product at every stop.

    ```
    y[n,i,j,f] = bias[f] + sum_{u,v,c} x[n, i*s+u, j*s+v, c] * kernel[u,v,c,f]
    ```

    where x is `images` with the padding around it. A 1×1 kernel is a dense layer over
    the channels of every pixel.

    Args:
        images: (batch, height, width, channels).
        kernel: (rows, columns, channels, filters).
        bias: (filters,), or None for zeros.
        strides: step `s` between stops, in pixels; one, or (rows, columns).
        padding: `"valid"` (stay inside the image), `"same"` (as many stops as pixels,
            divided by the stride), or zeros on each side: one, or (rows, columns).

    Returns:
        (batch, new_height, new_width, filters).

    Raises:
        ValueError: `strides` or `padding` is none of these, or the shapes of images,
            kernel and bias do not go together.

    Example:
    >>> import numpy as np
    >>> image = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> kernel = np.arange(4.0).reshape(2, 2, 1, 1)
    >>> corr2d(image, kernel).numpy()[0, :, :, 0].tolist()
    [[19.0, 25.0], [37.0, 43.0]]

    Source: sheet §6.1–6.4.
    """
    kernel = as_tensor(kernel)
    images = as_tensor(images, kernel)
    bias = None if bias is None else as_tensor(bias, kernel)
    _check_shapes(images, kernel, bias)
    steps = check_pair("corr2d", "strides", strides)
    pads = check_padding("corr2d", padding)
    rows, columns = kernel.shape[:2]
    output_shape("corr2d", images.shape, (rows, columns), steps, pads)
    outputs = kernels.correlate(images, kernel, steps, pads)
    return outputs if bias is None else outputs + bias


def conv2d(
    images: Tensor,
    kernel: Tensor,
    bias: Tensor | None = None,
    strides: int | Sequence[int] = 1,
    padding: Padding = "valid",
) -> Tensor:
    """Convolve `images` with `kernel`: correlate with the kernel turned by 180°.

    ```
    conv2d(x, kernel) = corr2d(x, rot180(kernel))
    ```

    Args:
        images: (batch, height, width, channels).
        kernel: (rows, columns, channels, filters).
        bias: (filters,), or None for zeros.
        strides: as for `corr2d`, in pixels.
        padding: as for `corr2d`, in pixels.

    Returns:
        (batch, new_height, new_width, filters).

    Raises:
        ValueError: as `corr2d`, which does the work.

    Example:
    >>> import numpy as np
    >>> image = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> kernel = np.arange(4.0).reshape(2, 2, 1, 1)
    >>> conv2d(image, kernel).numpy()[0, :, :, 0].tolist()
    [[5.0, 11.0], [23.0, 29.0]]

    Source: sheet §6.1, corrected (errata 16).
    """
    return corr2d(images, ops.flip(kernel, axis=(0, 1)), bias, strides, padding)


def _check_shapes(images: Tensor, kernel: Tensor, bias: Tensor | None) -> None:
    shapes = [tuple(x.shape) for x in (images, kernel)]
    if [len(shape) for shape in shapes] != [4, 4] or shapes[0][3] != shapes[1][2]:
        raise ValueError(
            "corr2d needs images (batch, height, width, channels) and a kernel (rows, "
            f"columns, channels, filters) of as many channels. Received: shapes "
            f"{shapes[0]} and {shapes[1]}."
        )
    if bias is not None and tuple(bias.shape) != shapes[1][3:]:
        raise ValueError(
            f"corr2d with {shapes[1][3]} filters needs a bias of shape "
            f"{shapes[1][3:]}. Received: shape {tuple(bias.shape)}."
        )
