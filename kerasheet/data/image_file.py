"""One image of a person's own, as a model takes it."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from kerasheet.errors import DataError

CHANNELS = {1: "L", 3: "RGB"}
SAME_AS = {"1": "L", "P": "RGB"}
"""Modes that are another way to write one of these."""

UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Warning,  # of a size that only an attack has, or of damaged metadata
    OSError,
    ValueError,
    SyntaxError,  # Pillow's word for a broken PNG
)


def read_image(
    path: str | Path, shape: tuple[int, int, int], resize: bool = False
) -> np.ndarray:
    """Read an image file of any format that Pillow knows.

    Args:
        path: the file.
        shape: (height, width, channels) that the model takes, in pixels.
        resize: whether to scale and convert an image of another shape.

    Returns:
        (height, width, channels), float32 from 0 to 1.

    Raises:
        DataError: the file is missing, is not an image, or has another shape.
    """
    try:
        with warnings.catch_warnings(action="error"), Image.open(path) as file:
            image = file.convert(SAME_AS.get(file.mode, file.mode))
            if resize:
                image = _convert(image, CHANNELS[shape[2]]).resize(shape[1::-1])
    except FileNotFoundError:
        raise DataError(f"There is no image file {str(path)!r}.") from None
    except UNREADABLE as error:
        raise DataError(f"{str(path)!r} cannot be read as an image: {error}.") from None
    height, width, channels = shape
    if (image.height, image.width, image.mode) != (height, width, CHANNELS[channels]):
        raise DataError(
            f"{str(path)!r} is {image.height}×{image.width} pixels in mode "
            f"{image.mode}, but the model takes {height}×{width} in mode "
            f"{CHANNELS[channels]}. Convert it, or pass --resize."
        )
    return np.asarray(image, "float32").reshape(shape) / np.float32(255)


def _convert(image: Image.Image, mode: str) -> Image.Image:
    """Make 8 bits of 16, and black of what is transparent."""
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError(f"the range of mode {image.mode} is unknown")
    if image.mode in ("LA", "PA", "RGBA"):
        image = image.convert("RGBA")
        black = Image.new("RGBA", image.size, "black")
        image = Image.alpha_composite(black, image)
    return image.convert(mode)
