"""VGG (sheet §6.8)."""

from functools import partial

import keras

from kerasheet.layers import Dense, Dropout, Flatten, VGGBlock
from kerasheet.models.chain import Step, chain

FILTERS = (64, 128, 256, 512, 512)
CONVS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


def vgg(
    input_shape: tuple[int, int, int] = (224, 224, 1),
    classes: int = 10,
    depth: int = 11,
    width_divisor: int = 1,
    dense_units: int = 4096,
) -> keras.Model:
    """Five VGG blocks, then three dense layers with ReLU and dropout.

    ```
    x → VGGBlock(64) → VGGBlock(128) → VGGBlock(256) → VGGBlock(512)
      → VGGBlock(512) → flatten → dense → dense → dense(classes)
    ```

    Args:
        input_shape: (height, width, channels) of an image.
        classes: number of classes.
        depth: layers with weights: 11, 13, 16 or 19.
        width_divisor: what to divide the blocks' channels by. The book trains 8 with
            `dense_units=512` (first edition) and 4 (second edition).
        dense_units: units of the two hidden dense layers.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: `depth` is unknown, `width_divisor` does not divide 64, or the
            images are too small.

    Example:
    >>> vgg(width_divisor=8, dense_units=512).count_params()
    2018346

    Source: sheet §6.8.
    """
    if depth not in CONVS:
        raise ValueError(
            f"vgg needs `depth` to be one of {', '.join(map(str, CONVS))}. "
            f"Received: depth={depth!r}."
        )
    if type(width_divisor) is not int or width_divisor < 1 or 64 % width_divisor:
        raise ValueError(
            "vgg needs `width_divisor` to divide its 64 first filters. "
            f"Received: width_divisor={width_divisor!r}."
        )
    blocks: list[Step] = [
        VGGBlock(num_convs, filters // width_divisor, name=f"block{number}")
        for number, (num_convs, filters) in enumerate(
            zip(CONVS[depth], FILTERS, strict=True), start=1
        )
    ]
    head: list[Step] = [
        Flatten(name="flatten"),
        Dense(dense_units, "relu", name="dense1"),
        Dropout(0.5, name="dropout1"),
        Dense(dense_units, "relu", name="dense2"),
        Dropout(0.5, name="dropout2"),
        Dense(classes, name="logits"),
    ]
    return chain(f"vgg{depth}", input_shape, [*blocks, *head])


vgg11 = partial(vgg, depth=11)
vgg13 = partial(vgg, depth=13)
vgg16 = partial(vgg, depth=16)
vgg19 = partial(vgg, depth=19)
