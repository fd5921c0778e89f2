"""AlexNet (sheet §6.7)."""

import keras

from kerasheet.layers import Corr2D, Dense, Dropout, Flatten, Pool2D
from kerasheet.models.chain import Step, chain


def alexnet(
    input_shape: tuple[int, int, int] = (224, 224, 1), classes: int = 10
) -> keras.Model:
    """Five convolutions, three poolings and three dense layers, with ReLU and dropout.

    ```
    x → corr11x11(96, s=4) → pool3x3(s=2) → corr5x5(256, p=2) → pool3x3(s=2)
      → corr3x3(384, p=1) → corr3x3(384, p=1) → corr3x3(256, p=1) → pool3x3(s=2)
      → flatten → dense(4096) → dense(4096) → dense(classes)
    ```

    Args:
        input_shape: (height, width, channels) of an image.
        classes: number of classes.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: the images are too small.

    Example:
    >>> alexnet().count_params()
    46764746

    Source: sheet §6.7 and Figure 6.6.
    """
    layers: list[Step] = [
        Corr2D(96, 11, strides=4, activation="relu", name="conv1"),
        Pool2D(3, strides=2, name="pool1"),
        Corr2D(256, 5, padding=2, activation="relu", name="conv2"),
        Pool2D(3, strides=2, name="pool2"),
        Corr2D(384, 3, padding=1, activation="relu", name="conv3"),
        Corr2D(384, 3, padding=1, activation="relu", name="conv4"),
        Corr2D(256, 3, padding=1, activation="relu", name="conv5"),
        Pool2D(3, strides=2, name="pool3"),
        Flatten(name="flatten"),
        Dense(4096, "relu", name="dense1"),
        Dropout(0.5, name="dropout1"),
        Dense(4096, "relu", name="dense2"),
        Dropout(0.5, name="dropout2"),
        Dense(classes, name="logits"),
    ]
    return chain("alexnet", input_shape, layers)
