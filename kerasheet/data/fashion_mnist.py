"""Fashion-MNIST: 70,000 pictures of clothes in ten classes."""

import keras
import numpy as np

from kerasheet.data.dataset import Dataset, resize
from kerasheet.data.samples import Examples
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
            of 224 pixels take 14 GB.

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
    train = _examples(x_train, y_train, size)
    return Dataset(train, _examples(x_test, y_test, size), LABELS)


def _examples(images: np.ndarray, classes: np.ndarray, size: int | None) -> Examples:
    x = images / np.float32(255)
    if size is not None:
        x, small = np.empty((len(x), size, size), "float32"), x
        for row, image in enumerate(small):
            x[row] = resize(image, size)
    return Examples(x[..., np.newaxis], classes.astype("int32"))
