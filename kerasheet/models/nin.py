"""Network in network (sheet §6.9)."""

import keras

from kerasheet.layers import Dropout, GlobalAvgPool2D, NiNBlock, Pool2D
from kerasheet.models.chain import Step, chain


def nin(
    input_shape: tuple[int, int, int] = (224, 224, 1),
    classes: int = 10,
    final_relu: bool = True,
) -> keras.Model:
    """Four NiN blocks, the last with a channel per class, and the mean of each.

    ```
    x → NiNBlock(96) → pool → NiNBlock(256) → pool → NiNBlock(384) → pool
      → dropout → NiNBlock(classes) → mean over the image
    ```

    Args:
        input_shape: (height, width, channels) of an image.
        classes: number of classes.
        final_relu: whether the last block ends in a ReLU, as in the sheet. It keeps
            the logits from being negative, which can leave classes dead.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: the images are too small.

    Example:
    >>> nin().count_params()
    1992166

    Source: sheet §6.9, errata 26 and 27.
    """
    final = "relu" if final_relu else None
    layers: list[Step] = [
        NiNBlock(96, 11, strides=4, name="block1"),
        Pool2D(3, strides=2, name="pool1"),
        NiNBlock(256, 5, padding=2, name="block2"),
        Pool2D(3, strides=2, name="pool2"),
        NiNBlock(384, 3, padding=1, name="block3"),
        Pool2D(3, strides=2, name="pool3"),
        Dropout(0.5, name="dropout"),
        NiNBlock(classes, 3, padding=1, final_activation=final, name="block4"),
        GlobalAvgPool2D(name="logits"),
    ]
    return chain("nin", input_shape, layers)
