"""What a data source hands to training."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from kerasheet.data.samples import ImageShape, Samples
from kerasheet.data.split import stratify
from kerasheet.errors import DataError

LARGEST_SIZE = 4096
"""Of images after resizing, in pixels."""


@dataclass(frozen=True)
class Dataset:
    """Labelled images, split once and for all.

    Attributes:
        train: examples to learn from.
        test: examples that training never sees.
        labels: the name of each class, in the order of the class numbers.
        validation: examples to choose by while training; None until `split`.
        sources: for "train", "test" and, after `split`, "validation", what each sample
            is called at its source: a file's path, or its index there.
        skipped: (path, reason) of each file that cannot be read.
        ignored: number of files that are no images by their names.

    Example:
    >>> from kerasheet.data import digits
    >>> data = digits().split(0.1)
    >>> {part: len(names) for part, names in data.sources.items()}
    {'train': 1295, 'validation': 142, 'test': 360}
    """

    train: Samples
    test: Samples
    labels: tuple[str, ...]
    validation: Samples | None = None
    sources: Mapping[str, np.ndarray] = field(default_factory=dict)
    skipped: tuple[tuple[str, str], ...] = ()
    ignored: int = 0

    def __post_init__(self) -> None:
        if not self.sources:
            parts = {"train": self.train, "test": self.test}
            numbers = {part: np.arange(len(of.y)) for part, of in parts.items()}
            object.__setattr__(self, "sources", numbers)

    @property
    def input_shape(self) -> ImageShape:
        """(height, width, channels) of one image."""
        return self.train.shape

    def split(self, share: float, seed: int = 0) -> "Dataset":
        """Hold out a share of every class of the training samples for validation.

        Args:
            share: between 0 and 1.
            seed: the same seed holds out the same samples.

        Raises:
            DataError: a class has a single training sample.
            ValueError: `share` is not between 0 and 1.
        """
        rest, held_out = stratify(self.train.y, share, seed, self.labels)
        names = self.sources["train"]
        return dataclasses.replace(
            self,
            train=self.train.subset(rest),
            validation=self.train.subset(held_out),
            sources={
                "train": names[rest],
                "validation": names[held_out],
                "test": self.sources["test"],
            },
        )


def resize(image: np.ndarray, size: int) -> np.ndarray:
    """One channel of an image, resized to a square (bilinear).

    Args:
        image: (height, width), float32.
        size: height and width of the square, in pixels.

    Returns:
        (size, size), float32.
    """
    picture = Image.fromarray(image)
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR))


def check_size(size: int | None) -> None:
    """Refuse a size that no image can be resized to.

    Raises:
        DataError: it is neither None nor an int from 1 to 4096.
    """
    if size is None or (type(size) is int and 1 <= size <= LARGEST_SIZE):
        return
    raise DataError(
        f"Images can be resized to 1 to {LARGEST_SIZE} pixels. Received: size={size!r}."
    )
