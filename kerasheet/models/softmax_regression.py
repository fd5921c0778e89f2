"""Softmax regression (sheet §1)."""

import keras

from kerasheet.layers import Dense, Flatten
from kerasheet.models.chain import Step, chain


def softmax_regression(
    input_shape: tuple[int, ...] = (28, 28, 1), classes: int = 10
) -> keras.Model:
    """One dense layer over all pixels: logits O = X W + b.

    ```
    O = X W + b
    ```

    Args:
        input_shape: of one sample, for instance (height, width, channels).
        classes: number of classes.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: `classes` is not a positive int.

    Example:
    >>> softmax_regression().count_params()
    7850

    Source: sheet §1.3.
    """
    layers: list[Step] = [Flatten(name="flatten"), Dense(classes, name="logits")]
    return chain("softmax_regression", input_shape, layers)
