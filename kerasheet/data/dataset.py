"""What a data source hands to training."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image


class Examples(NamedTuple):
    """Samples with their classes.

    Attributes:
        x: (samples, height, width, channels), float32 from 0 to 1.
        y: (samples,), int32 class numbers.
    """

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """Labelled images, split once and for all.

    Attributes:
        train: examples to learn from.
        test: examples that training never sees.
        labels: the name of each class, in the order of the class numbers.
    """

    train: Examples
    test: Examples
    labels: tuple[str, ...]

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of one image."""
        return self.train.x.shape[1:]


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
