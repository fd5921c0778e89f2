"""Where a sliding window stops: sizes, strides and padding (sheet §6.2)."""

from collections.abc import Sequence
from typing import TypeAlias

from kerasheet.typing import Shape

Padding: TypeAlias = str | int | Sequence[int]
"""`"valid"`, `"same"`, zeros on each side, or (rows, columns) of them."""


def output_size(
    size: int | None, window: int, strides: int = 1, padding: str | int = "valid"
) -> int | None:
    """Stops that a window makes along one axis.

    ```
    floor((n - m + 2p) / s) + 1
    ```

    Args:
        size: pixels `n` along the axis, or None if not known yet.
        window: pixels `m` of the window.
        strides: pixels `s` between stops.
        padding: pixels `p` added on each side, or one of `"valid"` (narrow: p = 0),
            `"full"` (wide: p = m - 1) and `"same"` (⌈n/s⌉ stops, which is p = (m - 1)/2
            for an odd window and a stride of one; elsewhere the padding is uneven).

    Returns:
        The number of stops, None if `size` is None.

    Raises:
        ValueError: the window is larger than the padded axis, `padding` is unknown or
            negative, or `window` or `strides` is not positive.

    Example:
    >>> [output_size(8, 3, padding=p) for p in ("valid", "same", "full", 1)]
    [6, 8, 10, 8]

    Source: sheet §6.2.
    """
    zeros = 0 if isinstance(padding, str) else padding
    numbers = (size or 0, window, strides, zeros)
    whole = all(type(number) is int for number in numbers)
    if not whole or min(window, strides) < 1 or zeros < 0:
        raise ValueError(
            "output_size needs whole numbers, `window` and `strides` positive and "
            f"`padding` not negative. Received: {size=}, {window=}, {strides=}, "
            f"{padding=}."
        )
    if size is None:
        return None
    if padding == "same":
        return -(-size // strides)
    named = {"valid": 0, "full": window - 1}
    if isinstance(padding, str) and padding not in named:
        raise ValueError(
            'output_size needs `padding` to be "valid", "same", "full" or an int. '
            f"Received: padding={padding!r}."
        )
    zeros = named[padding] if isinstance(padding, str) else padding
    if window > size + 2 * zeros:
        raise ValueError(
            f"A window of {window} pixels does not fit into {size} pixels padded by "
            f"{zeros} on each side. Use a smaller window, more padding, or a larger "
            "image."
        )
    return (size - window + 2 * zeros) // strides + 1


def check_pair(owner: str, name: str, value: int | Sequence[int]) -> tuple[int, int]:
    """Read a positive int, or (rows, columns) of them, as (rows, columns)."""
    return _pair(owner, name, value, 1, "a positive int or a pair of them")


def check_padding(owner: str, padding: Padding) -> str | tuple[int, int]:
    """Read a layer's `padding` argument as `"valid"`, `"same"` or (rows, columns)."""
    if padding in ("valid", "same"):
        return str(padding)
    wanted = '"valid", "same", zeros on each side, or a pair of them'
    return _pair(owner, "padding", padding, 0, wanted)  # type: ignore[arg-type]


def output_shape(
    owner: str,
    image_shape: Shape,
    window: tuple[int, int],
    strides: tuple[int, int],
    padding: str | tuple[int, int],
) -> tuple[int | None, int | None]:
    """(height, width) after a window has slid over (batch, height, width, channels).

    Raises:
        ValueError: the window does not fit; the sentence begins with `owner`.
    """
    rows, columns = (padding, padding) if isinstance(padding, str) else padding
    try:
        return (
            output_size(image_shape[1], window[0], strides[0], rows),
            output_size(image_shape[2], window[1], strides[1], columns),
        )
    except ValueError:
        raise ValueError(
            f"{owner} slides a {window} window, which does not fit into images of "
            f"{tuple(image_shape[1:3])} pixels with padding={padding!r}. Use a smaller "
            "window, more padding, or larger images."
        ) from None


def _pair(
    owner: str, name: str, value: int | Sequence[int], least: int, wanted: str
) -> tuple[int, int]:
    both = (value, value) if isinstance(value, int) else value
    try:
        rows, columns = both
        valid = all(type(v) is int and v >= least for v in (rows, columns))
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            f"{owner} needs `{name}` to be {wanted}. Received: {name}={value!r}."
        )
    return rows, columns
