"""Handwritten digits that come with scikit-learn: no download."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from kerasheet.data.dataset import Dataset, resize
from kerasheet.data.samples import Examples

TEST_SAMPLES = 360


def digits(size: int | None = None) -> Dataset:
    """1,797 scans of handwritten digits, 8×8 pixels each, enlarged.

    Args:
        size: height and width to enlarge to (bilinear), in pixels; None for 28.

    Returns:
        1,437 training and 360 test images of one channel, every digit in the same
        share in both; the split never changes.

    Example:
    >>> digits().train.x.shape
    (1437, 28, 28, 1)
    """
    source = load_digits()
    scans = (source.images / 16.0).astype("float32")
    images = np.stack([resize(scan, size or 28) for scan in scans])
    split = train_test_split(
        images[..., np.newaxis],
        source.target.astype("int32"),
        np.arange(len(images)),
        test_size=TEST_SAMPLES,
        random_state=0,
        stratify=source.target,
    )
    x_train, x_test, y_train, y_test, train, test = split
    labels = tuple(str(name) for name in source.target_names)
    return Dataset(
        Examples(x_train, y_train),
        Examples(x_test, y_test),
        labels,
        sources={"train": train, "test": test},
    )
