"""One image of a person's own, as a model takes it."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from kerasheet.errors import DataError

CHANNELS = {1: "L", 3: "RGB"}


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
        with Image.open(path) as file:
            image = file.convert("RGB") if file.mode == "P" else file.copy()
    except FileNotFoundError:
        raise DataError(f"There is no image file {str(path)!r}.") from None
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise DataError(f"{str(path)!r} cannot be read as an image: {error}.") from None
    height, width, channels = shape
    if resize:
        image = image.convert(CHANNELS[channels]).resize((width, height))
    if image.mode == "1":
        image = image.convert("L")
    found = (image.height, image.width, len(image.getbands()))
    if found != shape or image.mode not in CHANNELS.values():
        raise DataError(
            f"{str(path)!r} is {found[0]}×{found[1]} pixels in mode {image.mode}, but "
            f"the model takes {height}×{width} in mode {CHANNELS[channels]}. Convert "
            "it, or pass --resize."
        )
    return np.asarray(image, "float32").reshape(shape) / np.float32(255)
