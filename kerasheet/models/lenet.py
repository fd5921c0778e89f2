"""LeNet (sheet §6.6, and §6.11 for its batch-normalized form)."""

import keras

from kerasheet import ops
from kerasheet.layers import BatchNorm, Corr2D, Dense, Flatten, Pool2D
from kerasheet.models.chain import Step, chain


def lenet(
    input_shape: tuple[int, int, int] = (28, 28, 1),
    classes: int = 10,
    padding: int = 0,
    pool_mode: str = "max",
    batch_norm: bool = False,
) -> keras.Model:
    """Two convolutions with pooling, then three dense layers; sigmoid throughout.

    ```
    x → corr5x5(6) → sigmoid → pool2x2 → corr5x5(16) → sigmoid → pool2x2
      → flatten → dense(120) → sigmoid → dense(84) → sigmoid → dense(classes)
    ```

    The defaults are the form of the sheet and of the book's first edition; the second
    edition has `padding=2, pool_mode="avg"`. LeCun's network of 1998 is neither.

    Args:
        input_shape: (height, width, channels) of an image.
        classes: number of classes.
        padding: zeros on each side of the image at the first convolution, in pixels.
        pool_mode: `"max"` or `"avg"`.
        batch_norm: whether to normalize before each of the four sigmoids.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: the images are too small.

    Example:
    >>> lenet().count_params(), lenet(padding=2, pool_mode="avg").count_params()
    (44426, 61706)

    Source: sheet §6.6 and §6.11, errata 22.
    """

    def activate(name: str) -> list[Step]:
        norms: list[Step] = [BatchNorm(name=f"norm_{name}")] if batch_norm else []
        return [*norms, ops.sigmoid]

    steps: list[Step] = [
        Corr2D(6, 5, padding=padding, name="conv1"),
        *activate("conv1"),
        Pool2D(2, mode=pool_mode, name="pool1"),
        Corr2D(16, 5, name="conv2"),
        *activate("conv2"),
        Pool2D(2, mode=pool_mode, name="pool2"),
        Flatten(name="flatten"),
        Dense(120, name="dense1"),
        *activate("dense1"),
        Dense(84, name="dense2"),
        *activate("dense2"),
        Dense(classes, name="logits"),
    ]
    return chain("lenet", input_shape, steps)
