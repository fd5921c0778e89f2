"""The layers that a layer is made of."""

from collections.abc import Iterator

import keras

from kerasheet.layers import Corr2D, Dense


def sublayers(layer: keras.Layer) -> Iterator[keras.Layer]:
    """The layers that a model or a composite layer keeps in its attributes, in order.

    Example:
    >>> from kerasheet.layers import Transition
    >>> layer = Transition(4)
    >>> layer.build((None, 8, 8, 6))
    >>> [part.name for part in sublayers(layer)]
    ['norm', 'conv', 'pool']
    """
    if isinstance(layer, keras.Model):
        yield from layer.layers
        return
    for name, value in vars(layer).items():
        if name.startswith("_"):  # Keras' own lists of the same layers
            continue
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, keras.Layer):
                yield part


def kernels(layer: keras.Layer) -> Iterator[Corr2D | Dense]:
    """The convolutions and dense layers in a layer, however deep, in order."""
    if isinstance(layer, Corr2D | Dense):
        yield layer
        return
    for part in sublayers(layer):
        yield from kernels(part)
