"""What several layers ask of their arguments."""

import keras

from kerasheet.typing import Shape


def check_count(owner: str, name: str, value: int) -> int:
    """Refuse anything but a positive int."""
    if type(value) is not int or value < 1:
        raise ValueError(
            f"{owner} needs `{name}` to be a positive int. Received: {name}={value!r}."
        )
    return value


def describe(layer: keras.Layer) -> str:
    """Name a layer in a sentence: its class and the name it bears."""
    return f"{type(layer).__name__} {layer.name!r}"


def check_known(layer: keras.Layer, input_shape: Shape, what: str = "channels") -> int:
    """The size of the last axis, which the weights of a layer need.

    Raises:
        ValueError: it is None.
    """
    size = input_shape[-1]
    if size is None:
        raise ValueError(
            f"{describe(layer)} needs to know the number of input {what}. Received: "
            f"input shape {input_shape}. Give the last axis a size."
        )
    return size
