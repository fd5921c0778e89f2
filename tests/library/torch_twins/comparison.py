"""How far a Keras network is from its PyTorch twin."""

from contextlib import contextmanager
from typing import NamedTuple

import keras
import numpy as np
import torch
from torch_twins.pairs import copy, pair, randomize
from torch_twins.steps import (
    channels_first,
    keras_step,
    scale_instead_of_dropping,
    torch_step,
)

TOLERANCE = {"float32": 1e-4, "float64": 1e-10}


class Deviation(NamedTuple):
    """Per tensor: the largest difference over the largest entry of PyTorch's.

    Attributes:
        vanishing: biases whose gradient batch norm takes away (errata 33). Rounding is
            all that is left of it, in both networks; it is measured against the
            gradient of the kernel beside the bias.
    """

    outputs: dict[str, float]
    gradients: dict[str, float]
    weights: dict[str, float]
    vanishing: list[str]

    def beyond(self, tolerance):
        """Every tensor that deviates by more."""
        return {
            f"{kind}: {name}": value
            for kind in ("outputs", "gradients", "weights")
            for name, value in getattr(self, kind).items()
            if not value <= tolerance
        }


def compare(build, twin, input_shape, dtype, seed=0):
    """Take one step from the same random weights on both sides.

    Args:
        build: a function that makes the Keras layer or model.
        twin: the same network in PyTorch.
        input_shape: (batch, ..., channels).
        dtype: `"float32"` or `"float64"`, for all numbers of both.
        seed: of the images and their labels.

    Returns:
        A Deviation.
    """
    twin = twin.to(getattr(torch, dtype))
    rng = np.random.default_rng(seed)
    images = rng.standard_normal(input_shape, dtype)
    with precision(dtype):
        layer = build()
        values = np.prod(layer(images[:1]).shape[1:])
        labels = rng.integers(values, size=input_shape[0])
        randomize(layer)
        scale_instead_of_dropping(layer, twin)
        pairs = pair(layer, twin, channels_first(torch.from_numpy(images[:1])))
        copy(pairs)
        ours = keras_step(layer, images, labels, pairs)
    return _deviation(ours, torch_step(twin, images, labels, pairs), TOLERANCE[dtype])


@contextmanager
def precision(dtype):
    """Let Keras compute and keep everything in this type."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def _deviation(ours, theirs, tolerance):
    scales = {name: np.abs(slope).max() for name, slope in theirs.gradients.items()}
    vanishing = []
    for name in scales:
        kernel = name.removesuffix("bias") + "weight"
        if name.endswith("bias") and scales[name] < tolerance * scales[kernel]:
            vanishing.append(name)
            scales[name] = scales[kernel]
    return Deviation(
        _relative(ours.outputs, theirs.outputs),
        _relative(ours.gradients, theirs.gradients, scales),
        _relative(ours.weights, theirs.weights),
        vanishing,
    )


def _relative(ours, theirs, scales=None):
    assert ours.keys() == theirs.keys()
    deviations = {}
    for name, reference in theirs.items():
        assert ours[name].shape == reference.shape, name
        scale = scales[name] if scales else np.abs(reference).max()
        deviations[name] = float(np.abs(ours[name] - reference).max() / scale)
    return deviations
