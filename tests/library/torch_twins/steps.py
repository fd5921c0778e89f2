"""One step of training, in Keras and in PyTorch."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional

from kerasheet import layers, ops

LEARNING_RATE = 0.125  # exact in float32, in which Keras keeps it

torch.set_num_threads(1)  # more would spin while TensorFlow works


class Step(NamedTuple):
    """What a network computed, its weights named and laid out as in PyTorch.

    Attributes:
        outputs: logits or images, channels last, in inference and in training.
        gradients: slopes of the cross-entropy in training, along every weight and
            along the images.
        weights: after one step down these slopes, batch norm's averages among them.
    """

    outputs: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]


def keras_step(layer, images, labels, pairs):
    images = tf.convert_to_tensor(images)
    inference = layer(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        training = layer(images, training=True)
        logits = tf.reshape(training, (len(labels), -1))
        loss = ops.cross_entropy(logits, labels, "mean")
    variables = layer.trainable_weights
    slopes = tape.gradient(loss, [images, *(v.value for v in variables)])
    if variables:
        keras.optimizers.SGD(LEARNING_RATE).apply(slopes[1:], variables)
    along = {v.path: slope for v, slope in zip(variables, slopes[1:], strict=True)}
    return Step(
        {"inference": inference.numpy(), "training": training.numpy()},
        {
            "images": slopes[0].numpy(),
            **{p.name: p.as_torch(along.pop(p.path).numpy()) for p in pairs if p.moves},
        },
        {p.name: p.as_torch(p.variable.numpy()) for p in pairs},
    )


def torch_step(twin, images, labels, pairs):
    images = torch.from_numpy(images).requires_grad_()
    for module in twin.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.register_forward_hook(_average_biased_variance)
    with torch.no_grad():
        inference = channels_last(twin.eval()(channels_first(images)))
    training = channels_last(twin.train()(channels_first(images)))
    functional.cross_entropy(training.flatten(1), torch.from_numpy(labels)).backward()
    if any(p.moves for p in pairs):
        torch.optim.SGD(twin.parameters(), LEARNING_RATE).step()
    return Step(
        {"inference": inference.numpy(), "training": training.detach().numpy()},
        {
            "images": images.grad.numpy(),
            **{p.name: p.tensor.grad.numpy() for p in pairs if p.moves},
        },
        {p.name: p.tensor.detach().numpy() for p in pairs},
    )


def channels_first(x):
    return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


def channels_last(x):
    return x.permute(0, 2, 3, 1) if x.ndim == 4 else x


def scale_instead_of_dropping(layer, twin):
    """Let both multiply by 1 - rate in training, where dropout would draw a mask.

    No randomness enters, and a dropout in a wrong place or of a wrong rate still shows.
    """
    for one in getattr(layer, "layers", []):
        if isinstance(one, layers.Dropout):
            one.call = _scaling(1 - one.rate)
    for module in twin.modules():
        if isinstance(module, nn.Dropout):
            module.register_forward_hook(
                lambda module, inputs, output: (
                    inputs[0] * (1 - module.p) if module.training else output
                )
            )


def _scaling(factor):
    return lambda x, training=False: x * factor if training else x


def _average_biased_variance(module, inputs, output):
    """Undo the m/(m - 1) of PyTorch's running variance.

    It averages the variances over m - 1 values, where the sheet's code, and so
    kerasheet, averages those over m. Both normalize by the ones over m.
    """
    if module.training:
        values = inputs[0].detach().transpose(0, 1).flatten(1)
        excess = values.var(dim=1) / values.shape[1]
        module.running_var.data -= module.momentum * excess
