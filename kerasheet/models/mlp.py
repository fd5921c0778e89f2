"""The multi-layer perceptron (sheet §2, §4)."""

from collections.abc import Sequence

import keras

from kerasheet.layers import Dense, Dropout, Flatten
from kerasheet.models.chain import Step, chain


def mlp(
    input_shape: tuple[int, ...] = (28, 28, 1),
    classes: int = 10,
    hidden_units: Sequence[int] = (256,),
    dropout_rates: Sequence[float] = (),
) -> keras.Model:
    """Dense layers with ReLU between, each followed by dropout if asked for.

    ```
    H = relu(X W_h + b_h)        O = H W_o + b_o
    ```

    Args:
        input_shape: of one sample, for instance (height, width, channels).
        classes: number of classes.
        hidden_units: units of each hidden layer.
        dropout_rates: one rate per hidden layer, or none at all; the book's dropout
            network is `hidden_units=(256, 256), dropout_rates=(0.2, 0.5)`.

    Returns:
        A model of logits, (batch, classes).

    Raises:
        ValueError: the rates are not as many as the hidden layers.

    Example:
    >>> mlp().count_params()
    203530

    Source: sheet §2.4 and §4.
    """
    if dropout_rates and len(dropout_rates) != len(hidden_units):
        raise ValueError(
            f"mlp needs one dropout rate per hidden layer, or none. Received: "
            f"hidden_units={hidden_units!r}, dropout_rates={dropout_rates!r}."
        )
    layers: list[Step] = [Flatten(name="flatten")]
    for number, units in enumerate(hidden_units, start=1):
        layers.append(Dense(units, "relu", name=f"hidden{number}"))
        if dropout_rates:
            layers.append(Dropout(dropout_rates[number - 1], name=f"dropout{number}"))
    return chain("mlp", input_shape, [*layers, Dense(classes, name="logits")])
