"""The inputs that an export is compared on."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasheet_serving import TensorSpec

SIZES = (1, 3, 32)
"""Samples of the batches."""

LONGER = (0, 1, 31)
"""How much longer than the shortest the sequences of random numbers are."""

SHORTEST = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Lengths, or heights and widths, of which the first that a model takes is used."""


def least_length(model: keras.Model) -> int:
    """How long a sequence, or an image of free size, has to be at least.

    Found out by asking: a convolution without padding needs as much as its kernel.
    """
    [tensor] = model.inputs
    if None not in tensor.shape[1:]:
        return 1
    for length in SHORTEST:
        shape = [length if size is None else size for size in tensor.shape[1:]]
        try:
            model(keras.ops.zeros((1, *shape), tensor.dtype), training=False)
        except (ValueError, tf.errors.OpError):
            continue
        return length
    return 1


def compared_batches(
    spec: TensorSpec, classes: int, samples: np.ndarray, least: int = 1
) -> list[np.ndarray]:
    """Real and random batches of several sizes and, of text, several lengths.

    Args:
        spec: of the model's input.
        classes: ids of a language model are below it.
        samples: real inputs, (samples, ...), if there are any.
        least: the shortest length, where lengths are free.
    """
    random = [
        _random(spec, classes, size, least + more)
        for size, more in zip(SIZES, LONGER, strict=True)
    ]
    return [*random, *_real(samples)]


def _real(samples: np.ndarray) -> Sequence[np.ndarray]:
    starts = (0, 1, 4)  # no sample twice
    parts = [
        samples[start : start + size] for start, size in zip(starts, SIZES, strict=True)
    ]
    return [part for part in parts if len(part)]


def _random(spec: TensorSpec, classes: int, size: int, length: int) -> np.ndarray:
    rng = np.random.default_rng(size)
    shape = [one if isinstance(one, int) else length for one in spec.shape[1:]]
    if spec.dtype == "uint8":
        return rng.integers(256, size=(size, *shape), dtype=np.uint8)
    if "int" in spec.dtype:
        return rng.integers(classes, size=(size, *shape), dtype=spec.dtype)
    return rng.random((size, *shape)).astype(spec.dtype)
