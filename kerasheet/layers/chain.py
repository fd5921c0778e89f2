"""Sublayers in a row: what the composite layers share."""

from collections.abc import Iterable

import keras

from kerasheet.typing import Shape, Tensor


def build_chain(layers: Iterable[keras.Layer], shape: Shape) -> Shape:
    """Build layers one after the other; the shape that comes out at the end."""
    for layer in layers:
        layer.build(shape)
        shape = layer.compute_output_shape(shape)
    return shape


def call_chain(layers: Iterable[keras.Layer], x: Tensor) -> Tensor:
    """Pass a tensor through layers one after the other."""
    for layer in layers:
        x = layer(x)
    return x
