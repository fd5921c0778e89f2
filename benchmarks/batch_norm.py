"""Batch normalization, forward and backward in training, beside Keras' and PyTorch's.

    make bench ONLY=batch_norm

The moving averages move on all sides. Keras' layer has our momentum and epsilon. A turn
repeats the layer, on the slope that came of it: in one graph, as in a training, on our
side and Keras'; PyTorch is eager, and its images have the channels first.
"""

from collections.abc import Callable, Iterator
from typing import Any

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
            "ours": _in_graph(BatchNorm(0.9, 1e-5), x, slope, repeats),
            "keras.layers": _in_graph(theirs, x, slope, repeats),
            "torch.nn": _in_torch(x, slope, repeats),
        }
        taken = take_turns(sides, turns=2 if short else TURNS)
        case = f"batch norm of {'×'.join(map(str, shape))}"
        new = comparisons(case, taken, per=repeats, unit="step", targets=TARGETS)
        yield from new
        rows += new
    yield from geometric_means(rows)


def _in_graph(
    layer: keras.Layer, x: np.ndarray, slope: np.ndarray, repeats: int
) -> Callable[[], object]:
    layer.build(x.shape)
    weights = [variable.value for variable in layer.trainable_variables]
    inputs, slopes = tf.constant(x), tf.constant(slope)

    def step(index: tf.Tensor, along: tf.Tensor, *sums: tf.Tensor) -> tuple[Any, ...]:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, training=True)
        sources = [inputs, *weights]
        along, *more = tape.gradient(outputs, sources, output_gradients=along)
        return index + 1, along, *map(tf.add, sums, more)

    @tf.function(autograph=False)
    def turn(along: tf.Tensor) -> list[tf.Tensor]:
        start = tf.constant(0), along, *map(tf.zeros_like, weights)
        return tf.while_loop(lambda index, *_: index < repeats, step, start)

    return lambda: turn(slopes)[-1].numpy()  # a GPU has then finished


def _in_torch(x: np.ndarray, slope: np.ndarray, repeats: int) -> Callable[[], object]:
    layer = torch.nn.BatchNorm2d(x.shape[-1], eps=1e-5, momentum=0.1)
    images, slopes = (
        torch.from_numpy(np.ascontiguousarray(one.transpose(0, 3, 1, 2)))
        for one in (x, slope)
    )
    images.requires_grad_()
    sources = [images, *layer.parameters()]

    def turn() -> object:
        along, sums = slopes, [torch.zeros_like(one) for one in layer.parameters()]
        for _ in range(repeats):
            along, *more = torch.autograd.grad(layer(images), sources, along)
            sums = [*map(torch.add, sums, more)]
        return sums

    return turn


if __name__ == "__main__":
    run(__file__, measure)
