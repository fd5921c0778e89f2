"""DenseNet (sheet §6.13)."""

import keras

from kerasheet import ops
from kerasheet.layers import BatchNorm, Dense, DenseBlock, GlobalAvgPool2D, Transition
from kerasheet.models.chain import Step, chain
from kerasheet.models.resnet import stem

BLOCKS = 4
CONVS_PER_BLOCK = 4
GROWTH_RATE = 32


def densenet(
    input_shape: tuple[int, int, int] = (96, 96, 1), classes: int = 10
) -> keras.Model:
    """ResNet's first layers, four dense blocks with transitions, one dense layer.

    ```
    x → corr7x7(64, s=2) → batch norm → relu → pool3x3(s=2)
      → DenseBlock → Transition, three times → DenseBlock
      → batch norm → relu → mean over the image → dense(classes)
    ```

    A transition halves the channels and the image. There is no bottleneck, unlike the
    paper's DenseNet-B.

    Args:
        input_shape: (height, width, channels) of an image.
        classes: number of classes.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: the images are too small.

    Example:
    >>> densenet().count_params()  # 6,608 of them moving averages
    764834

    Source: sheet §6.13, errata 40.
    """
    blocks: list[Step] = []
    channels = 64
    for number in range(1, BLOCKS + 1):
        blocks.append(DenseBlock(CONVS_PER_BLOCK, GROWTH_RATE, name=f"block{number}"))
        channels += CONVS_PER_BLOCK * GROWTH_RATE
        if number < BLOCKS:
            channels //= 2
            blocks.append(Transition(channels, name=f"transition{number}"))
    head: list[Step] = [
        BatchNorm(name="norm"),
        ops.relu,
        GlobalAvgPool2D(name="pool"),
        Dense(classes, name="logits"),
    ]
    return chain("densenet", input_shape, [*stem(), *blocks, *head])
