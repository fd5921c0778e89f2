"""A folder of a person's own images, one subfolder a class."""

import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kerasheet.data.class_folders import ClassFolders, list_class_folders
from kerasheet.data.dataset import Dataset, check_size
from kerasheet.data.image_file import CHANNELS, UNREADABLE, decode_image
from kerasheet.data.image_scan import decode_all, find_shape
from kerasheet.data.memory import fits
from kerasheet.data.samples import Examples, ImageShape, Samples, Stream
from kerasheet.data.split import TEST_SHARE, stratify
from kerasheet.errors import DataError


def image_folder(
    path: str | Path,
    size: int | None = None,
    channels: int | None = None,
    memory_limit: int | None = None,
) -> Dataset:
    """PNG, JPEG, BMP and GIF files in one subfolder a class.

    ```
    pets/cat/1.jpg          or        pets/train/cat/1.jpg
    pets/dog/2.png                    pets/test/cat/3.gif     …
    ```

    The labels are the names of the subfolders, sorted. Without train and test folders a
    fifth of every class is the test part: always the same for the same names. Every
    file is decoded once before anything else, and one that cannot be is skipped. Of an
    animation the first frame counts.

    Args:
        path: the folder.
        size: height and width to scale to, in pixels; None if all have the same.
        channels: 1 or 3 to convert to; None for 1 if all are grayscale, else 3.
        memory_limit: most bytes the images may take in memory; more stay on disk and
            are read when a batch needs them. None for a quarter of the memory.

    Returns:
        The images, their `sources` being paths relative to the folder.

    Raises:
        DataError: there is no such folder, it has fewer than two classes, a class has
            no readable image or, for a fifth of it to be the test part, only one, or
            the images differ in size and `size` is None.
    """
    check_size(size)
    if channels is not None and channels not in CHANNELS:
        raise DataError(
            f"Images have 1 or 3 channels. Received: channels={channels!r}."
        )
    folder, files = Path(path), list_class_folders(Path(path))
    with warnings.catch_warnings(action="error"):
        files, shape, headless = find_shape(folder, files, size, channels)
        keep = fits(len(files.names) * math.prod(shape), memory_limit)
        files, images, undecodable = decode_all(folder, files, shape, keep)
    samples: Samples = Stream(ImageFiles(folder, shape), files.names, files.y, shape)
    if images is not None:
        samples = Examples(images, files.y)
    return _split(samples, files, headless + undecodable)


@dataclass(frozen=True)
class ImageFiles:
    """Reads an image of a folder by its name.

    Attributes:
        folder: where the names start.
        shape: (height, width, channels) to scale and convert to.
    """

    folder: Path
    shape: ImageShape

    def __call__(self, name: str) -> np.ndarray:
        try:
            return decode_image(self.folder / name, self.shape)
        except UNREADABLE as error:
            raise DataError(
                f"{str(self.folder / name)!r} was an image before, but no longer is: "
                f"{error}."
            ) from None


def _split(
    samples: Samples, files: ClassFolders, skipped: tuple[tuple[str, str], ...]
) -> Dataset:
    train, test = files.parts or stratify(files.y, TEST_SHARE, labels=files.labels)
    return Dataset(
        samples.subset(train),
        samples.subset(test),
        files.labels,
        sources={"train": files.names[train], "test": files.names[test]},
        skipped=tuple(sorted(skipped)),
        ignored=files.ignored,
    )
