"""What several layers ask of their arguments."""

import keras


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
