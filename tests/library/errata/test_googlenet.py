"""Errata of §6.10: as the sheet writes it, and as it must be."""

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet import models
from kerasheet.layers import Corr2D, Inception, Pool2D


@pytest.fixture(scope="module")
def googlenet():
    return models.googlenet()


def test_errata_28_there_is_a_fifth_module_and_the_fourth_has_five_blocks(googlenet):
    modules = [[]]
    for layer in googlenet.layers:
        if isinstance(layer, Pool2D):
            modules.append([])
        elif isinstance(layer, Inception):
            modules[-1].append(layer.output.shape[-1])
    blocks = [(number, len(sums)) for number, sums in enumerate(modules, 1) if sums]
    sheets = [(3, 2), (4, 5), (4, 2)]
    assert blocks == [(3, 2), (4, 5), (5, 2)] != sheets
    assert modules == [
        [],
        [],
        [64 + 128 + 32 + 32, 128 + 192 + 96 + 64],
        [512, 512, 512, 528, 832],
        [832, 1024],
    ]


def test_errata_29_the_mean_has_a_value_per_channel_and_not_per_class(googlenet):
    assert googlenet.get_layer("pool5").output.shape == (None, 1024)
    kernel, bias = googlenet.get_layer("logits").weights
    assert (kernel.shape, bias.shape) == ((1024, 10), (10,))
    assert models.nin((67, 67, 1)).layers[-2].output.shape[-1] == 10  # as it is in NiN


def test_errata_30_the_second_module_is_path_2_with_both_its_relus(googlenet):
    convs = [googlenet.get_layer(name) for name in ("conv2", "conv3")]
    second = keras.Model(convs[0].input, convs[1].output)
    x = np.random.default_rng(0).normal(size=(1, 24, 24, 64)).astype("float32")
    inception = Inception(1, (64, 192), (1, 1), 1)
    inception.build(x.shape)
    port = keras.Sequential([Corr2D(64, 1), Corr2D(192, 3, padding=1)])  # no ReLU
    port.build(x.shape)
    outputs = []
    for path in (inception.path2, port.layers):
        y = x
        for layer, conv in zip(path, convs, strict=True):
            layer.set_weights(conv.get_weights())
            y = layer(y)
        outputs.append(array(y))
    ours = array(second(x))
    np.testing.assert_allclose(ours, outputs[0], rtol=1e-5, atol=1e-5)
    assert abs(ours - outputs[1]).max() > 0.1
