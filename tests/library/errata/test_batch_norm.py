"""Errata of §6.11: as the sheet writes it, and as it must be."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from autodiff import array, gradients

from kerasheet.layers import BatchNorm, Dense
from kerasheet.ops import batch_norm

GAMMA, BETA = np.array([2.0, 0.5]), np.array([-1.0, 3.0])
ZERO, ONE = np.zeros(2), np.ones(2)


def batch(samples=5):
    return np.random.default_rng(0).normal(4, 3, size=(samples, 2))


@pytest.mark.parametrize("shape", [(5, 2), (5, 1, 1, 2)])
def test_errata_31_the_variance_is_over_m(shape):
    x = batch()
    sheets = (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1))
    np.testing.assert_allclose(sheets.var(0), 4 / 5)  # not standardized
    one, zero = np.ones(2, "float32"), np.zeros(2, "float32")  # the fused kernel's
    images = x.reshape(shape).astype("float32")
    y, _, moving = batch_norm(images, one, zero, zero, one, True)
    np.testing.assert_allclose(array(y).reshape(5, 2).var(0), 1, rtol=1e-4)
    np.testing.assert_allclose(array(moving), 0.9 + 0.1 * x.var(0), rtol=1e-4)


def test_errata_32_gamma_and_beta_apply_to_the_standardized_value():
    x = batch()
    sheets = GAMMA * x + BETA
    y = array(batch_norm(x, GAMMA, BETA, ZERO, ONE, True, epsilon=1e-12)[0])
    np.testing.assert_allclose(y.mean(0), BETA)
    np.testing.assert_allclose(y.std(0), GAMMA)
    assert abs(sheets.mean(0) - BETA).min() > 1


def test_errata_33_a_bias_before_batch_norm_does_nothing():
    dense, norm = Dense(2, dtype="float64"), BatchNorm(dtype="float64")
    network = keras.Sequential([dense, norm])
    x = batch()
    network.build(x.shape)
    without = array(network(x, training=True))
    dense.bias.assign([100.0, -100.0])
    np.testing.assert_allclose(array(network(x, training=True)), without, atol=1e-9)
    along_kernel, along_bias, *_ = gradients(network, x, training=True)
    assert abs(along_kernel).max() > 1e-3
    np.testing.assert_allclose(along_bias, 0, atol=1e-12)


def test_errata_34_no_gradient_passes_through_the_averages():
    x = tf.constant(batch())
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        sheets = 0.9 * ZERO + 0.1 * tf.reduce_mean(x, axis=0)
        _, mean, variance = batch_norm(x, ONE, ZERO, ZERO, ONE, training=True)
    np.testing.assert_allclose(tape.gradient(sheets, x), 0.1 / 5)
    assert tape.gradient(mean, x) is None
    assert tape.gradient(variance, x) is None


def test_errata_35_momentum_is_the_share_of_the_old_average():
    x = batch()
    layer = BatchNorm(dtype="float64")
    layer(x, training=True)
    ours = array(layer.moving_mean)
    np.testing.assert_allclose(ours, 0.1 * x.mean(0))
    in_pytorchs_sense = (1 - layer.momentum) * ZERO + layer.momentum * x.mean(0)
    assert abs(in_pytorchs_sense - ours).min() > 1


def test_errata_35_the_moving_variance_starts_at_one():
    x = batch()
    layer = BatchNorm(dtype="float64")
    np.testing.assert_allclose(array(layer(x)), x, rtol=layer.epsilon)
    from_zero = (x - ZERO) / np.sqrt(ZERO + layer.epsilon)  # the first edition's
    np.testing.assert_allclose(from_zero / x, np.sqrt(1e5))
