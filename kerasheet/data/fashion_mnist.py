"""Fashion-MNIST: 70,000 pictures of clothes in ten classes."""

import keras
import numpy as np

from kerasheet.data.dataset import Dataset, Examples
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


def fashion_mnist() -> Dataset:
    """60,000 training and 10,000 test images of 28×28 pixels and one channel.

    Keras keeps them in `$KERAS_HOME/datasets/fashion-mnist` (`~/.keras` if unset) and
    downloads them when they are not there.

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
    return Dataset(_examples(x_train, y_train), _examples(x_test, y_test), LABELS)


def _examples(images: np.ndarray, classes: np.ndarray) -> Examples:
    x = (images[..., np.newaxis] / 255.0).astype("float32")
    return Examples(x, classes.astype("int32"))
