"""The first look at a folder of images: which can be read, and of what shape."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from PIL import Image

from kerasheet.data.class_folders import ClassFolders
from kerasheet.data.image_file import UNREADABLE, decode_image, is_gray
from kerasheet.data.parallel import map_threads
from kerasheet.data.samples import ImageShape
from kerasheet.errors import DataError

Skipped: TypeAlias = tuple[tuple[str, str], ...]
"""(path, reason) of each file that cannot be read."""

Value = TypeVar("Value", bound=Hashable)


def find_shape(
    folder: Path, files: ClassFolders, size: int | None, channels: int | None
) -> tuple[ClassFolders, ImageShape, Skipped]:
    """Read the headers of the files, for the shape that all shall have.

    Returns:
        The files that have a header, (height, width, channels), and the other files.

    Raises:
        DataError: a class has no file with a header, or the images differ in size and
            `size` is None.
    """

    def read_header(row: int) -> tuple[int, int, bool]:
        with Image.open(folder / files.names[row]) as image:
            return image.height, image.width, is_gray(image)

    first, good, skipped = _sift(folder, files, read_header)
    files = files.subset(good)
    if channels is None:
        channels = 1 if all(gray for _, _, gray in first) else 3
    if size is not None:
        return files, (size, size, channels), skipped
    (height, width, _), name = next(iter(first.items()))
    for (rows, columns, _), other in first.items():
        if (rows, columns) != (height, width):
            raise DataError(
                f"The images of {str(folder)!r} differ in size: {name!r} is "
                f"{height}×{width} pixels, {other!r} {rows}×{columns}. Scale them all "
                "with --size."
            )
    return files, (height, width, channels), skipped


def decode_all(
    folder: Path, files: ClassFolders, shape: ImageShape, keep: bool
) -> tuple[ClassFolders, np.ndarray | None, Skipped]:
    """Decode every file once to see whether it can be.

    Args:
        folder: where the names of the files start.
        files: what to decode.
        shape: (height, width, channels) to scale and convert to.
        keep: whether to keep the images in memory.

    Returns:
        The files that can be decoded, their images, (files, height, width, channels),
        float32 from 0 to 1, if they are kept, and the other files.

    Raises:
        DataError: a class has no file that can be decoded.
    """
    images = np.empty((len(files.y), *shape), "float32") if keep else None

    def decode(row: int) -> bool:
        image = decode_image(folder / files.names[row], shape)
        if images is not None:
            images[row] = image
        return True

    _, good, skipped = _sift(folder, files, decode)
    if images is not None and skipped:
        images = images[good]
    return files.subset(good), images, skipped


def _sift(
    folder: Path, files: ClassFolders, read: Callable[[int], Value]
) -> tuple[dict[Value, str], np.ndarray, Skipped]:
    """Part the files that `read` can read from the others.

    Returns:
        What was read, each with the first such file; the positions of the good files;
        and the others.
    """

    def attempt(row: int) -> tuple[Value | None, str]:
        try:
            return read(row), ""
        except UNREADABLE as error:
            return None, str(error) or type(error).__name__

    first: dict[Value, str] = {}
    good, skipped = [], []
    done = map_threads(attempt, range(len(files.names)))
    for row, (name, (value, reason)) in enumerate(zip(files.names, done, strict=True)):
        if value is None:
            skipped.append((name, reason))
        else:
            first.setdefault(value, name)
            good.append(row)
    positions = np.array(good, int)
    _refuse_empty(folder, files.subset(positions), skipped)
    return first, positions, tuple(skipped)


def _refuse_empty(
    folder: Path, files: ClassFolders, skipped: list[tuple[str, str]]
) -> None:
    counts = np.bincount(files.place, minlength=len(files.places))
    if counts.all():
        return
    place = files.places[int(counts.argmin())]
    lost = [f"{name!r}: {why}" for name, why in skipped if name.startswith(f"{place}/")]
    reason = f" ({lost[0]})" if lost else ""
    raise DataError(
        f"{str(folder / place)!r} has no readable PNG, JPEG, BMP or GIF file{reason}. "
        "Add some, or remove the folder."
    )
