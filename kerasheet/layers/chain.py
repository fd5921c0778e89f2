"""Sublayers in a row: what the composite layers share."""

from collections.abc import Iterable
from typing import Any

import keras

from kerasheet.typing import Shape, Tensor


def inherited(layer: keras.Layer) -> dict[str, Any]:
    """What a composite hands on to the sublayers that it builds."""
    return {"dtype": layer.dtype_policy, "trainable": layer.trainable}


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
