"""Batch normalization, forward and backward in training, beside Keras' and PyTorch's.

    make bench ONLY=batch_norm

The moving averages move on all sides. Keras' layer has our momentum and epsilon, and
both are in a graph; PyTorch is eager, its images have the channels first.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf
import torch
from measuring import Row, comparisons, geometric_means, take_turns
from recording import run

from kerasheet.layers import BatchNorm

SHAPES = (
    (256, 24, 24, 6),  # LeNet's first
    (256, 8, 8, 16),  # and its second
    (32, 48, 48, 64),  # the stem of ResNet-18 and DenseNet at 96 pixels
    (32, 12, 12, 128),
    (32, 3, 3, 512),
)
TARGETS = {"keras.layers": 1.3, "torch.nn": 1.0}
TURNS, VALUES = 15, 3e7
"""A turn repeats the layer until about so many values went through."""


def measure(short: bool) -> Iterator[Row]:
    """A row per shape and peer."""
    rows: list[Row] = []
    for shape in SHAPES[-1:] if short else SHAPES:
        repeats = 1 if short else max(3, int(VALUES / np.prod(shape)))
        rng = np.random.default_rng(0)
        x, slope = (rng.standard_normal(shape, np.float32) for _ in range(2))
        theirs = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
        sides = {
            "ours": _repeat(_in_graph(BatchNorm(0.9, 1e-5), x, slope), repeats),
            "keras.layers": _repeat(_in_graph(theirs, x, slope), repeats),
            "torch.nn": _repeat(_in_torch(x, slope), repeats),
        }
        taken = take_turns(sides, turns=2 if short else TURNS)
        case = f"batch norm of {'×'.join(map(str, shape))}"
        new = comparisons(case, taken, per=repeats, unit="step", targets=TARGETS)
        yield from new
        rows += new
    yield from geometric_means(rows)


def _repeat(step: Callable[[], object], repeats: int) -> Callable[[], None]:
    def side() -> None:
        for _ in range(repeats):
            step()

    return side


def _in_graph(
    layer: keras.Layer, x: np.ndarray, slope: np.ndarray
) -> Callable[[], object]:
    layer.build(x.shape)
    weights = [variable.value for variable in layer.trainable_variables]
    inputs, slopes = tf.constant(x), tf.constant(slope)

    @tf.function(autograph=False)
    def step(images: tf.Tensor, along: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = layer(images, training=True)
        return tape.gradient(outputs, [images, *weights], output_gradients=along)

    return lambda: step(inputs, slopes)[-1].numpy()  # a GPU has then finished


def _in_torch(x: np.ndarray, slope: np.ndarray) -> Callable[[], object]:
    layer = torch.nn.BatchNorm2d(x.shape[-1], eps=1e-5, momentum=0.1)
    images, along = (
        torch.from_numpy(np.ascontiguousarray(one.transpose(0, 3, 1, 2)))
        for one in (x, slope)
    )
    images.requires_grad_()

    def step() -> object:
        return torch.autograd.grad(
            layer(images), [images, layer.weight, layer.bias], along
        )

    return step


if __name__ == "__main__":
    run(__file__, measure)
