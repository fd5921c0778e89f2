"""Fashion-MNIST: 70,000 pictures of clothes in ten classes."""

import keras
import numpy as np

from kerasheet.data.dataset import Dataset, resize
from kerasheet.data.memory import fits
from kerasheet.data.samples import Examples, Samples, Stream
from kerasheet.errors import DataError

LABELS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def fashion_mnist(size: int | None = None) -> Dataset:
    """60,000 training and 10,000 test images of 28×28 pixels and one channel.

    Keras keeps them in `$KERAS_HOME/datasets/fashion-mnist` (`~/.keras` if unset) and
    downloads them when they are not there.

    Args:
        size: height and width to resize to (bilinear), in pixels; None for 28. Images
            of 224 pixels take 14 GB: where that is more than a quarter of the memory,
            they are enlarged batch by batch.

    Raises:
        DataError: they are not there and cannot be downloaded, or are damaged.
    """
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
    except Exception as error:  # Keras raises this very class when a download fails
        raise DataError(
            "Fashion-MNIST is neither in $KERAS_HOME/datasets/fashion-mnist nor to be "
            f"downloaded ({error}). Put its four .gz files there, or use --data digits."
        ) from error
    keep = fits((len(y_train) + len(y_test)) * (size or 28) ** 2, None)
    train = _samples(x_train, y_train, size, keep)
    return Dataset(train, _samples(x_test, y_test, size, keep), LABELS)


def _samples(
    images: np.ndarray, classes: np.ndarray, size: int | None, keep: bool
) -> Samples:
    y = classes.astype("int32")
    if size is None:
        return Examples(images[..., np.newaxis] / np.float32(255), y)

    def read(row: int) -> np.ndarray:
        return resize(images[row] / np.float32(255), size)[..., np.newaxis]

    if not keep:
        return Stream(read, np.arange(len(y)), y, (size, size, 1))
    x = np.empty((len(y), size, size, 1), "float32")
    for row in range(len(y)):
        x[row] = read(row)
    return Examples(x, y)
