"""One image of a person's own, as a model takes it."""

import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from kerasheet.data.samples import ImageShape
from kerasheet.errors import DataError

CHANNELS = {1: "L", 3: "RGB"}
GRAY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I;16N")
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


def read_image(path: str | Path, shape: ImageShape, resize: bool = False) -> np.ndarray:
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
        with warnings.catch_warnings(action="error"):
            image = scale_image(path, shape) if resize else _open(path)
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
    return _to_array(image, shape)


def decode_image(file: str | Path | BinaryIO, shape: ImageShape) -> np.ndarray:
    """The very numbers that `read_image` gives with `resize`, for many files at once.

    Threads may call it, so it leaves it to the caller to make errors of warnings.

    Args:
        file: an image, or its path.
        shape: (height, width, channels) wanted, in pixels.

    Returns:
        (height, width, channels), float32 from 0 to 1.

    Raises:
        Exception: one of `UNREADABLE`, if it is not an image.
    """
    return _to_array(scale_image(file, shape), shape)


def scale_image(file: str | Path | BinaryIO, shape: ImageShape) -> Image.Image:
    """The picture behind `decode_image`, with 8 bits a channel."""
    height, width, channels = shape
    return _convert(_open(file), CHANNELS[channels]).resize((width, height))


def is_gray(image: Image.Image) -> bool:
    """Whether an image has no colour by its header, without decoding it."""
    if image.mode == "P" and image.palette is not None:
        step = len(image.palette.rawmode or image.palette.mode)
        colours = bytes(image.palette.palette)
        return colours[0::step] == colours[1::step] == colours[2::step]
    return image.mode in GRAY_MODES


def _open(file: str | Path | BinaryIO) -> Image.Image:
    with Image.open(file) as image:
        if image.mode == "P" and "transparency" in image.info:
            return image.convert("RGBA")
        return image.convert(SAME_AS.get(image.mode, image.mode))


def _to_array(image: Image.Image, shape: ImageShape) -> np.ndarray:
    pixels = np.asarray(image).reshape(shape)
    return np.divide(pixels, np.float32(255), dtype=np.float32)  # in a single pass


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
