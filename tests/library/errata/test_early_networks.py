"""Errata of §6.6–6.9: as the sheet writes it, and as it must be."""

import keras
import numpy as np
import pytest
from autodiff import array, gradients

from kerasheet import models
from kerasheet.layers import (
    Corr2D,
    Dropout,
    GlobalAvgPool2D,
    NiNBlock,
    Pool2D,
    VGGBlock,
)
from kerasheet.ops import output_size


def filters(model):
    return [layer.filters for layer in model.layers if isinstance(layer, Corr2D)]


def convolve(x, kernel, bias):
    """nn.Conv2d with padding 1, channels last."""
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    return np.einsum("nijcuv,uvcf->nijf", windows, kernel) + bias


def vgg_block(x, weights, relu_after_every_convolution):
    """The sheet's code; its ReLU stands inside the `else`."""
    for i in range(len(weights) // 2):
        x = convolve(x, *weights[2 * i : 2 * i + 2])
        if i > 0 or relu_after_every_convolution:
            x = np.maximum(x, 0)
    n, height, width, channels = x.shape
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def test_errata_22_three_networks_share_the_name_lenet_5():
    first_edition = models.lenet().count_params()
    second_edition = models.lenet(padding=2, pool_mode="avg").count_params()
    # C1, S2, C3 (each filter sees some channels), S4, C5, F6; the RBF learns nothing.
    of_1998 = 156 + 12 + 1_516 + 32 + 48_120 + 10_164
    assert (first_edition, second_edition, of_1998) == (44_426, 61_706, 60_000)


def test_errata_23_alexnet_has_tens_of_times_the_channels_not_ten():
    lenet = filters(models.lenet())
    alexnet = filters(models.alexnet((67, 67, 1)))
    ratios = [max(alexnet) / max(lenet), *np.divide(alexnet[:2], lenet)]
    assert ratios == [24, 16, 16]


@pytest.mark.parametrize("num_convs", [1, 2, 3])
def test_errata_24_every_convolution_of_a_vgg_block_has_its_relu(num_convs):
    x = np.random.default_rng(0).normal(size=(2, 6, 4, 3))
    block = VGGBlock(num_convs, 5, dtype="float64")
    y = array(block(x))
    weights = block.get_weights()
    np.testing.assert_allclose(y, vgg_block(x, weights, True), atol=1e-12)
    assert (abs(vgg_block(x, weights, False) - y) > 1e-3).any()


def test_errata_25_vgg_11_stacks_two_convolutions_at_most_and_sees_five_pixels():
    network = models.vgg11((32, 32, 1), width_divisor=64, dense_units=1)
    blocks = [layer for layer in network.layers if isinstance(layer, VGGBlock)]
    most = max(block.num_convs for block in blocks)
    field = [1, 3, 5, 7]  # pixels seen through so many convolutions of 3×3
    for convs, pixels in enumerate(field):
        left = pixels
        for _ in range(convs):
            left = output_size(left, 3)
        assert left == 1
    assert field[most] == 5  # the 7×7 that the sheet puts here needs VGG-16


def test_errata_26_a_dropout_and_the_mean_follow_the_last_nin_block_no_pooling():
    sequence = [type(layer) for layer in models.nin((67, 67, 1)).layers[1:]]
    sheets = [NiNBlock, Pool2D] * 4 + [GlobalAvgPool2D]
    assert sequence != sheets
    assert sequence == [NiNBlock, Pool2D] * 3 + [Dropout, NiNBlock, GlobalAvgPool2D]


def test_errata_27_a_relu_on_the_logits_leaves_a_negative_class_dead():
    x = np.random.default_rng(0).normal(size=(2, 3, 3, 4))
    for activation, alive in (("relu", False), (None, True)):
        block = NiNBlock(2, 1, final_activation=activation, dtype="float64")
        network = keras.Sequential([block, GlobalAvgPool2D(dtype="float64")])
        network.build(x.shape)
        block.mix2.bias.assign([-100.0, 1.0])
        logits = array(network(x))
        *_, along_bias, _ = gradients(network, x, training=False)
        assert (logits[:, 0] < 0).all() == alive
        assert (along_bias[0] != 0) == alive
