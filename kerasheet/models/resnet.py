"""ResNet (sheet §6.12)."""

from functools import partial

import keras

from kerasheet import ops
from kerasheet.layers import (
    BatchNorm,
    Corr2D,
    Dense,
    GlobalAvgPool2D,
    Pool2D,
    Residual,
)
from kerasheet.models.chain import Step, chain

FILTERS = (64, 128, 256, 512)
RESIDUALS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}


def resnet(
    input_shape: tuple[int, int, int] = (96, 96, 1), classes: int = 10, depth: int = 18
) -> keras.Model:
    """A convolution, four modules of residual blocks, one dense layer.

    ```
    x → corr7x7(64, s=2) → batch norm → relu → pool3x3(s=2)
      → module(64) → module(128) → module(256) → module(512)
      → mean over the image → dense(classes)
    ```

    Every module but the first halves the image and doubles the channels in its first
    block. Convolutions have biases and the shortcuts no batch norm, unlike
    torchvision's.

    Args:
        input_shape: (height, width, channels) of an image.
        classes: number of classes.
        depth: layers with weights along the longest path: 18 or 34.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: `depth` is unknown.

    Example:
    >>> resnet().count_params()  # 7,808 of them moving averages
    11186186

    Source: sheet §6.12, errata 37–39.
    """
    if depth not in RESIDUALS:
        raise ValueError(
            f"resnet needs `depth` to be one of {', '.join(map(str, RESIDUALS))}. "
            f"Received: depth={depth!r}."
        )
    modules: list[Step] = []
    for module, (number, filters) in enumerate(
        zip(RESIDUALS[depth], FILTERS, strict=True), start=1
    ):
        for index in range(number):
            changes = index == 0 and module > 1
            name = f"residual{module}_{index + 1}"
            modules.append(Residual(filters, changes, 1 + changes, name=name))
    head: list[Step] = [GlobalAvgPool2D(name="pool"), Dense(classes, name="logits")]
    return chain(f"resnet{depth}", input_shape, [*stem(), *modules, *head])


def stem() -> list[Step]:
    """The first layers, which DenseNet shares: a quarter of the image, 64 channels."""
    return [
        Corr2D(64, 7, strides=2, padding=3, name="stem_conv"),
        BatchNorm(name="stem_norm"),
        ops.relu,
        Pool2D(3, strides=2, padding=1, name="stem_pool"),
    ]


resnet18 = partial(resnet, depth=18)
resnet34 = partial(resnet, depth=34)
