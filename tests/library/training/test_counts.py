"""What a step of training is made of: counts, so that no clock decides."""

import gc
from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasheet import ops
from kerasheet.layers import (
    BatchNorm,
    Corr2D,
    Dense,
    DenseBlock,
    GlobalAvgPool2D,
    Inception,
    Residual,
    Transition,
)
from kerasheet.models import lenet, mlp, rnn_lm
from kerasheet.models.chain import chain
from kerasheet.models.resnet import stem
from kerasheet.ops.kernels.narrow import CHANNELS
from kerasheet.training import fit
from kerasheet.training.batches import build_metrics

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def every_block():
    """A block of each kind, behind the stem of ResNet and DenseNet."""
    blocks = [
        Residual(32, use_1x1conv=True, strides=2),
        DenseBlock(2, 32),
        Transition(32),
        Inception(2, (2, 2), (2, 2), 2),
    ]
    layers = [*stem(), *blocks, GlobalAvgPool2D(), Dense(10)]
    return chain("every_block", (33, 33, 1), layers)


def lenet_batch_norm():
    return lenet(batch_norm=True)


MOST_OPERATIONS = {lenet: 200, lenet_batch_norm: 690, every_block: 790}
"""What a step took when this was written, and a little more."""


def operations(function):
    """Every kind of operation of a traced function, and how many; loops included."""
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
    return Counter(node.op for node in nodes)


def training_step(model):
    """The operations of one step, forward, backward and down the gradient."""
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    model.optimizer.build(model.trainable_variables)
    x, y = tf.zeros((4, *model.input_shape[1:])), tf.zeros((4,), tf.int32)
    build_metrics(model, x, y)
    step = tf.function(lambda *batch: model.train_step(batch), autograph=False)
    return operations(step.get_concrete_function(x, y))


@pytest.mark.parametrize("build", MOST_OPERATIONS)
def test_a_step_has_one_kernel_a_layer_and_direction(build):
    model = build()
    layers = list(model._flatten_layers())
    convolutions = sum(isinstance(layer, Corr2D) for layer in layers)
    norms = [layer for layer in layers if isinstance(layer, BatchNorm)]
    wide = sum(
        layer.input_spec.ndim == 4 and layer.gamma.shape[0] >= CHANNELS
        for layer in norms
    )
    counts = training_step(model)
    assert counts["Conv2D"] == convolutions
    assert counts["Conv2DBackpropFilter"] == convolutions
    assert counts["FusedBatchNormV3"] == counts["FusedBatchNormGradV3"] == wide
    assert counts["Pad"] == counts["PadV2"] == 0  # the kernels pad
    assert counts.total() <= MOST_OPERATIONS[build]


def test_a_recurrence_multiplies_by_one_matrix_each_step_and_looks_the_other_up():
    model = rnn_lm(classes=9, units=4)
    ids = tf.zeros((2, 6), tf.int32)

    def step(ids):
        weights = [variable.value for variable in model.trainable_variables]
        with tf.GradientTape() as tape:
            logits = model(ids[:, :-1], training=True)
            loss = ops.cross_entropy(logits, ids[:, 1:], "mean")
        return tape.gradient(loss, weights)

    traced = tf.function(step, autograph=False).get_concrete_function(ids)
    library = traced.graph.as_graph_def().library.function
    loops = [
        Counter(node.op for node in function.node_def)
        for function in library
        if "while_body" in function.signature.name
    ]
    assert [loop["MatMul"] for loop in loops] == [1, 1]  # there and back
    counts = operations(traced)
    assert counts["StatelessWhile"] == 2
    assert counts["MatMul"] == 2 + 1 + 3  # the gradient by W_hh, and the dense layer
    assert counts["OneHot"] == 0
    assert counts["GatherV2"] == 1
    assert counts.total() <= 225


def test_the_steps_are_traced_once_however_many_epochs_and_sizes_of_batch():
    model, traces = mlp((4, 4, 1), 3), []
    model.compile("sgd", LOSS)
    step = model.train_step
    model.train_step = lambda batch: traces.append(1) or step(batch)
    x, y = np.zeros((10, 4, 4, 1), "float32"), np.zeros(10, "int32")
    fit(model, x, y, batch_size=4, epochs=5, verbose=0)
    assert len(traces) == 1


class Tensors(keras.callbacks.Callback):
    """How many tensors with values there are after each epoch."""

    def __init__(self):
        super().__init__()
        self.counts = []

    def on_epoch_end(self, epoch, logs=None):
        gc.collect()
        kinds = Counter(type(one).__name__ for one in gc.get_objects())
        self.counts.append(kinds["EagerTensor"])


def test_no_epoch_leaves_tensors_behind():
    model, tensors = mlp((4, 4, 1), 3), Tensors()
    model.compile("sgd", LOSS)
    x, y = np.zeros((10, 4, 4, 1), "float32"), np.zeros(10, "int32")
    fit(model, x, y, batch_size=4, epochs=3, callbacks=[tensors], verbose=0)
    assert tensors.counts[0] > 0
    assert tensors.counts[1] == tensors.counts[2]
