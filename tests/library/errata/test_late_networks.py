"""Errata of §6.12 and §6.13: as the sheet writes it, and as it must be."""

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet import models
from kerasheet.layers import Corr2D, DenseBlock, Residual


@pytest.fixture(scope="module")
def resnet():
    return models.resnet18()


@pytest.fixture(scope="module")
def densenet():
    return models.densenet()


def residuals(model):
    return [layer for layer in model.layers if isinstance(layer, Residual)]


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def test_errata_36_zero_weights_give_the_identity_of_positive_values_only():
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 3))
    block = Residual(3, dtype="float64")
    block.build(x.shape)
    for conv in (block.conv1, block.conv2):
        conv.set_weights([np.zeros_like(w) for w in conv.get_weights()])
    y = array(block(x))
    assert not np.allclose(y, x)
    np.testing.assert_array_equal(y, np.maximum(x, 0))
    np.testing.assert_array_equal(array(block(abs(x))), abs(x))


def test_errata_37_the_first_two_layers_are_googlenets_with_a_batch_norm(resnet):
    googlenet = models.googlenet()
    for ours, theirs in (("stem_conv", "conv1"), ("stem_pool", "pool1")):
        mine, other = resnet.get_layer(ours), googlenet.get_layer(theirs)
        for key in ("kernel_size", "pool_size", "filters", "strides", "padding"):
            assert getattr(mine, key, None) == getattr(other, key, None), key
        assert mine.output.shape == other.output.shape
    assert googlenet.get_layer("conv1").activation is keras.activations.relu
    assert resnet.get_layer("stem_conv").activation is keras.activations.linear
    assert resnet.get_layer("stem_norm").input is resnet.get_layer("stem_conv").output


def test_errata_38_every_module_but_the_first_doubles_and_halves(resnet):
    size, channels = resnet.get_layer("stem_pool").output.shape[2:]
    sheets = [(size // 2**n, channels * 2**n) for n in range(1, 5)]
    shapes = [block.output.shape[2:] for block in residuals(resnet)]
    assert shapes[0::2] == shapes[1::2] != sheets
    assert shapes[0::2] == [(24, 64), (12, 128), (6, 256), (3, 512)]


def test_errata_39_eighteen_layers_with_biases_and_bare_shortcuts(resnet):
    blocks = residuals(resnet)
    assert 1 + 2 * len(blocks) + 1 == 18
    counts = count(resnet.trainable_weights), count(resnet.non_trainable_weights)
    assert counts == (11_178_378, 7_808)
    biases = 64 + sum(2 * block.filters for block in blocks)
    shortcuts = [block.filters for block in blocks if block.shortcut]
    assert shortcuts == [128, 256, 512]
    # Per channel of a shortcut: our bias against torchvision's γ and β.
    torchvisions = counts[0] - biases - sum(shortcuts) + 2 * sum(shortcuts)
    assert torchvisions == 11_175_370  # its ResNet-18 of 1 channel and 10 classes


def test_errata_40_a_last_batch_norm_and_relu_stand_before_the_mean(densenet):
    norm = densenet.get_layer("norm")
    assert count(densenet.trainable_weights) == 758_226
    as_the_sheet_writes = 758_226 - count(norm.trainable_weights)
    assert as_the_sheet_writes == 757_730
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 3, 3, 248)).astype("float32")
    norm.moving_mean.assign(rng.normal(size=248))
    head = keras.Model(norm.input, densenet.get_layer("pool").output)
    sheets = features.mean(axis=(1, 2))
    standard = (features - array(norm.moving_mean)) / np.sqrt(1 + norm.epsilon)
    expected = np.maximum(standard, 0).mean(axis=(1, 2))
    np.testing.assert_allclose(array(head(features)), expected, rtol=1e-4, atol=1e-5)
    assert abs(expected - sheets).max() > 0.1


def test_errata_40_a_convolution_block_has_no_bottleneck(densenet):
    blocks = [layer for layer in densenet.layers if isinstance(layer, DenseBlock)]
    convs = [conv for block in blocks for conv in block.convs]
    assert all(isinstance(conv, Corr2D) for conv in convs)
    assert {conv.kernel_size for conv in convs} == {(3, 3)}
    assert [block.output.shape[-1] for block in blocks] == [192, 224, 240, 248]
