"""Weights of a Keras network beside those of its PyTorch twin."""

import math
from collections import defaultdict
from typing import NamedTuple

import keras
import numpy as np
import torch
from torch import nn

NAMES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
"""What PyTorch calls a weight that Keras calls by the key."""

KINDS = {
    nn.Conv2d: "convolution",
    nn.Linear: "dense",
    nn.BatchNorm1d: "norm",
    nn.BatchNorm2d: "norm",
}


class Pair(NamedTuple):
    """One weight in both networks.

    Attributes:
        name: in PyTorch's `state_dict`.
        pixels: (channels, height, width) that were flattened into the rows of a dense
            kernel, if any were.
    """

    name: str
    variable: keras.Variable
    tensor: torch.Tensor
    pixels: tuple[int, ...] | None

    @property
    def path(self):
        return self.variable.path

    @property
    def moves(self):
        """Whether training moves the weight, by a gradient."""
        return self.variable.trainable

    def as_torch(self, array):
        """The weight or its gradient, of Keras' layout, in PyTorch's."""
        if array.ndim == 4:
            return array.transpose(3, 2, 0, 1)
        if array.ndim == 2 and self.pixels:
            channels, height, width = self.pixels
            rows = array.reshape(height, width, channels, -1)
            array = rows.transpose(2, 0, 1, 3).reshape(array.shape)
        return array.T


def pair(layer, twin, images):
    """All pairs: layers of a kind are matched in order of depth.

    Raises:
        ValueError: the networks differ in their number of layers of a kind, in which
            weights a layer has, or in a shape.
    """
    pairs = []
    ours, theirs = _keras_layers(layer), _torch_layers(twin, images)
    for kind in sorted({*ours, *theirs}):
        numbers = len(ours[kind]), len(theirs[kind])
        if numbers[0] != numbers[1]:
            raise ValueError(f"{kind} layers: ours has {numbers[0]}, not {numbers[1]}.")
        for variables, (tensors, pixels) in zip(ours[kind], theirs[kind], strict=True):
            if {NAMES[name] for name in variables} != tensors.keys():
                raise ValueError(
                    f"A {kind} layer has {[*variables]}, not {[*tensors]}."
                )
            for name, variable in variables.items():
                path, tensor = tensors[NAMES[name]]
                pairs.append(Pair(path, variable, tensor, pixels))
    return pairs


def copy(pairs):
    """Give the twin the Keras network's weights."""
    for one in pairs:
        value = one.as_torch(keras.ops.convert_to_numpy(one.variable))
        if value.shape != tuple(one.tensor.shape):
            theirs = tuple(one.tensor.shape)
            raise ValueError(f"{one.name} has shape {value.shape}, not {theirs}.")
        one.tensor.data.copy_(torch.from_numpy(value.copy()))


def randomize(layer):
    """Draw every weight, so that none is a one or a zero that could hide a mistake."""
    rng = np.random.default_rng(0)
    for variable in layer.weights:
        values = rng.standard_normal(variable.shape, "float32")
        if variable.name == "kernel":
            values *= math.sqrt(2 / math.prod(variable.shape[:-1]))  # He: keeps scale
        elif variable.name in ("gamma", "moving_variance"):
            values = rng.uniform(0.5, 1.5, variable.shape)
        elif variable.name == "beta":
            values *= 0.5  # less, and DenseNet's stem keeps hardly any gradient
        else:
            values *= 0.1
        variable.assign(values)


def _keras_layers(layer):
    """{kind: [{name: variable}, ...]}."""
    owners = {}
    for variable in layer.weights:
        owner, name = variable.path.rsplit("/", 1)
        owners.setdefault(owner, {})[name] = variable
    kinds = defaultdict(list)
    for variables in owners.values():
        rank = len(variables["kernel"].shape) if "kernel" in variables else None
        kind = {2: "dense", 4: "convolution", None: "norm"}[rank]
        kinds[kind].append(variables)
    return kinds


def _torch_layers(twin, images):
    """{kind: [({name: (name in state_dict, tensor)}, flattened pixels), ...]}."""
    kinds, pixels = defaultdict(list), None
    flattened = _flattened_shapes(twin, images)
    for prefix, module in twin.named_modules():
        pixels = flattened.get(module, pixels)
        if type(module) not in KINDS:
            continue
        state = module.state_dict(keep_vars=True)
        state.pop("num_batches_tracked", None)
        tensors = {name: (f"{prefix}.{name}", state[name]) for name in state}
        dense = isinstance(module, nn.Linear)
        kinds[KINDS[type(module)]].append((tensors, pixels if dense else None))
        pixels = None if dense else pixels
    return kinds


def _flattened_shapes(twin, images):
    """What each `nn.Flatten` was given: {module: (channels, height, width)}."""
    shapes = {}

    def record(module, inputs, output):
        shapes[module] = tuple(inputs[0].shape[1:])

    flattens = [m for m in twin.modules() if isinstance(m, nn.Flatten)]
    hooks = [module.register_forward_hook(record) for module in flattens]
    twin.eval()
    with torch.no_grad():
        twin(images)
    for hook in hooks:
        hook.remove()
    return shapes
