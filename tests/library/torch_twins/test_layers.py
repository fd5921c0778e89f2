"""Every public layer equals its PyTorch twin: values, gradients, and a step."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn
from torch_twins import blocks
from torch_twins.comparison import TOLERANCE, compare

from kerasheet import layers

LANGUAGE = {"OneHot", "SimpleRNN"}  # not of images: their twins are elsewhere


@dataclass(frozen=True)
class Row:
    """A layer, the function that makes its twin, and an input of batch and channels."""

    layer: Any
    kwargs: dict[str, Any]
    twin: Any
    input_shape: tuple[int, ...] = (4, 6, 5, 3)

    def build(self):
        return self.layer(**self.kwargs)

    def __str__(self):
        words = [f"{key}={value}" for key, value in self.kwargs.items()]
        return f"{self.layer.__name__}({', '.join(words)})"


def flatten_then_dense(units):
    """Values are flattened in another order than PyTorch's; a dense layer tells."""
    return keras.Sequential([layers.Flatten(), layers.Dense(units)])


def uneven_same():
    """At a stride of 2 "same" pads 6 rows below only, and 5 columns on both sides."""
    return nn.Sequential(nn.ZeroPad2d((1, 1, 0, 1)), nn.Conv2d(3, 2, 3, stride=2))


ROWS = [
    Row(
        layers.Dense,
        {"units": 3, "activation": "tanh"},
        lambda: nn.Sequential(nn.Linear(4, 3), nn.Tanh()),
        (4, 4),
    ),
    Row(
        layers.Dense,
        {"units": 3, "use_bias": False},
        lambda: nn.Sequential(nn.Linear(4, 3, bias=False)),
        (2, 5, 4),
    ),
    Row(
        layers.Corr2D,
        {"filters": 2, "kernel_size": (3, 2)},
        lambda: nn.Sequential(nn.Conv2d(3, 2, (3, 2))),
    ),
    Row(
        layers.Corr2D,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": 1},
        lambda: nn.Sequential(nn.Conv2d(3, 2, 3, stride=2, padding=1)),
    ),
    Row(
        layers.Corr2D,
        {
            "filters": 2,
            "kernel_size": (5, 3),
            "strides": (2, 1),
            "padding": (1, 2),
            "activation": "sigmoid",
            "use_bias": False,
        },
        lambda: nn.Sequential(
            nn.Conv2d(3, 2, (5, 3), stride=(2, 1), padding=(1, 2), bias=False),
            nn.Sigmoid(),
        ),
    ),
    Row(
        layers.Corr2D,
        {"filters": 2, "kernel_size": (3, 2), "padding": "same"},
        lambda: nn.Sequential(nn.ZeroPad2d((0, 1, 1, 1)), nn.Conv2d(3, 2, (3, 2))),
    ),
    Row(
        layers.Corr2D,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
        uneven_same,
    ),
    Row(
        layers.Corr2D,
        {"filters": 2, "kernel_size": 1, "activation": "relu"},
        lambda: nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU()),
    ),
    Row(layers.Pool2D, {"pool_size": 2}, lambda: nn.MaxPool2d(2)),
    Row(
        layers.Pool2D,
        {"pool_size": 3, "strides": 2, "padding": 1},
        lambda: nn.MaxPool2d(3, 2, padding=1),
    ),
    Row(
        layers.Pool2D,
        {"pool_size": (3, 2), "strides": (1, 2), "padding": (1, 0)},
        lambda: nn.MaxPool2d((3, 2), (1, 2), padding=(1, 0)),
    ),
    Row(
        layers.Pool2D,
        {"pool_size": 3, "strides": 1, "padding": 1},
        lambda: nn.MaxPool2d(3, 1, padding=1),
    ),
    Row(
        layers.Pool2D,
        {"pool_size": (2, 3), "mode": "avg"},
        lambda: nn.AvgPool2d((2, 3)),
    ),
    Row(
        layers.Pool2D,
        {"pool_size": 3, "strides": 2, "padding": (0, 1), "mode": "avg"},
        lambda: nn.AvgPool2d(3, 2, padding=(0, 1)),
    ),
    Row(
        layers.Pool2D,
        {"pool_size": 3, "strides": 1, "padding": "same", "mode": "avg"},
        lambda: nn.AvgPool2d(3, 1, padding=1, count_include_pad=False),
    ),
    Row(layers.GlobalAvgPool2D, {}, blocks.GlobalAvgPool2d),
    Row(
        layers.BatchNorm,
        {},
        lambda: nn.Sequential(nn.BatchNorm1d(3)),
        (16, 3),
    ),
    Row(
        layers.BatchNorm,
        {"momentum": 0.7, "epsilon": 1e-2},
        lambda: nn.Sequential(nn.BatchNorm2d(3, eps=1e-2, momentum=0.3)),
    ),
    Row(
        flatten_then_dense,
        {"units": 3},
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(90, 3)),
    ),
    Row(
        layers.NiNBlock,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": 1},
        lambda: blocks.nin_block(3, 2, 3, 2, 1),
    ),
    Row(
        layers.NiNBlock,
        {"filters": 2, "kernel_size": (3, 2), "final_activation": None},
        lambda: blocks.nin_block(3, 2, (3, 2))[:-1],
    ),
    Row(
        layers.VGGBlock,
        {"num_convs": 1, "filters": 4},
        lambda: blocks.vgg_block(1, 3, 4),
    ),
    Row(
        layers.VGGBlock,
        {"num_convs": 3, "filters": 2},
        lambda: blocks.vgg_block(3, 3, 2),
    ),
    Row(
        layers.Inception,
        {"c1": 2, "c2": (3, 4), "c3": (5, 3), "c4": 4},
        lambda: blocks.Inception(3, 2, (3, 4), (5, 3), 4),
    ),
    Row(layers.Residual, {"filters": 3}, lambda: blocks.Residual(3, 3)),
    Row(
        layers.Residual,
        {"filters": 4, "use_1x1conv": True, "strides": 2},
        lambda: blocks.Residual(3, 4, use_1x1conv=True, stride=2),
    ),
    Row(
        layers.DenseBlock,
        {"num_convs": 3, "growth_rate": 2},
        lambda: blocks.DenseBlock(3, 3, 2),
    ),
    Row(
        layers.Transition,
        {"filters": 2},
        lambda: blocks.transition_block(3, 2),
    ),
]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_layer_agrees_with_pytorch(row, dtype):
    """Outputs, the gradients of a cross-entropy of them, and the weights of a step."""
    deviation = compare(row.build, row.twin(), row.input_shape, dtype)
    assert deviation.beyond(TOLERANCE[dtype]) == {}


def test_every_public_layer_has_a_twin():
    covered = {row.layer.__name__ for row in ROWS} | {"Dropout", "Flatten"}
    assert covered - {"flatten_then_dense"} == set(layers.__all__) - LANGUAGE


def test_dropout_agrees_with_pytorch_in_inference():
    x = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
    theirs = nn.Dropout(0.4).eval()(torch.from_numpy(x))
    np.testing.assert_array_equal(layers.Dropout(0.4)(x).numpy(), theirs.numpy())


def test_dropout_agrees_with_pytorch_in_training_where_it_drops_the_same():
    """The two draw different masks: ours is taken over, and scaled by PyTorch."""
    x = np.random.default_rng(0).normal(size=(50, 40)).astype("float32")
    images, layer = tf.constant(x), layers.Dropout(0.4, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(images)
        ours = layer(images, training=True)
    slope = tape.gradient(ours, images).numpy()
    [stretch] = set(nn.Dropout(0.4)(torch.ones(1000)).numpy()) - {0.0}
    mask = (ours.numpy() != 0) * stretch
    np.testing.assert_allclose(ours.numpy(), x * mask, rtol=1e-6)
    np.testing.assert_allclose(slope, mask, rtol=1e-6)
