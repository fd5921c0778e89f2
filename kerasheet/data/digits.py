"""Handwritten digits that come with scikit-learn: no download."""

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from kerasheet.data.dataset import Dataset, Examples

TEST_SAMPLES = 360


def digits(size: tuple[int, int] = (28, 28)) -> Dataset:
    """1,797 scans of handwritten digits, 8×8 pixels each, enlarged.

    Args:
        size: (height, width) to resize to (bilinear), in pixels.

    Returns:
        1,437 training and 360 test images of one channel, every digit in the same
        share in both; the split never changes.

    Example:
    >>> digits().train.x.shape
    (1437, 28, 28, 1)
    """
    source = load_digits()
    images = np.stack([_resize(image / 16.0, size) for image in source.images])
    split = train_test_split(
        images[..., np.newaxis],
        source.target.astype("int32"),
        test_size=TEST_SAMPLES,
        random_state=0,
        stratify=source.target,
    )
    x_train, x_test, y_train, y_test = split
    labels = tuple(str(name) for name in source.target_names)
    return Dataset(Examples(x_train, y_train), Examples(x_test, y_test), labels)


def _resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    picture = Image.fromarray(image.astype("float32"))
    return np.asarray(picture.resize(size[::-1], Image.Resampling.BILINEAR))
