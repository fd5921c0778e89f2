"""GoogLeNet (sheet §6.10)."""

import keras

from kerasheet.layers import Corr2D, Dense, GlobalAvgPool2D, Inception, Pool2D
from kerasheet.models.chain import Step, chain

INCEPTIONS = {
    "inception3a": (64, (96, 128), (16, 32), 32),
    "inception3b": (128, (128, 192), (32, 96), 64),
    "pool3": None,
    "inception4a": (192, (96, 208), (16, 48), 64),
    "inception4b": (160, (112, 224), (24, 64), 64),
    "inception4c": (128, (128, 256), (24, 64), 64),
    "inception4d": (112, (144, 288), (32, 64), 64),
    "inception4e": (256, (160, 320), (32, 128), 128),
    "pool4": None,
    "inception5a": (256, (160, 320), (32, 128), 128),
    "inception5b": (384, (192, 384), (48, 128), 128),
}
"""Channels c1 to c4 of every Inception block; None is a pooling between modules."""


def googlenet(
    input_shape: tuple[int, int, int] = (96, 96, 1), classes: int = 10
) -> keras.Model:
    """Three convolutions, nine Inception blocks in three modules, one dense layer.

    ```
    x → corr7x7(64, s=2) → pool → corr1x1(64) → corr3x3(192) → pool
      → 2 Inception → pool → 5 Inception → pool → 2 Inception
      → mean over the image → dense(classes)
    ```

    Args:
        input_shape: (height, width, channels) of an image.
        classes: number of classes.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: `classes` is not a positive int.

    Example:
    >>> googlenet().count_params()
    5977530

    Source: sheet §6.10, errata 28–30.
    """
    stem: list[Step] = [
        Corr2D(64, 7, strides=2, padding=3, activation="relu", name="conv1"),
        Pool2D(3, strides=2, padding=1, name="pool1"),
        Corr2D(64, 1, activation="relu", name="conv2"),
        Corr2D(192, 3, padding=1, activation="relu", name="conv3"),
        Pool2D(3, strides=2, padding=1, name="pool2"),
    ]
    modules: list[Step] = [
        Pool2D(3, strides=2, padding=1, name=name)
        if channels is None
        else Inception(*channels, name=name)
        for name, channels in INCEPTIONS.items()
    ]
    head: list[Step] = [GlobalAvgPool2D(name="pool5"), Dense(classes, name="logits")]
    return chain("googlenet", input_shape, [*stem, *modules, *head])
