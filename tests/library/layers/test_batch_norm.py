"""BatchNorm: its averages, its two modes, and its fused kernel."""

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet.layers import BatchNorm
from kerasheet.ops import batch_norm, kernels
from kerasheet.ops.kernels import portable

SHAPES = pytest.mark.parametrize("shape", [(8, 3), (4, 5, 6, 3)])


def batch_norm_by_definition(x, gamma, beta, epsilon):
    """The sheet's formula, one channel at a time, with the variance over m."""
    y = np.empty_like(x)
    for channel in range(x.shape[-1]):
        values = x[..., channel]
        mean = sum(values.ravel()) / values.size
        variance = sum((values.ravel() - mean) ** 2) / values.size
        standard = (values - mean) / np.sqrt(variance + epsilon)
        y[..., channel] = gamma[channel] * standard + beta[channel]
    return y


@SHAPES
def test_agrees_with_the_definition(shape):
    rng = np.random.default_rng(0)
    x, gamma, beta = rng.normal(3, 2, shape), rng.normal(size=3), rng.normal(size=3)
    zero, one = np.zeros(3), np.ones(3)
    y, mean, variance = batch_norm(x, gamma, beta, zero, one, True, 0.75, 1e-3)
    axes = tuple(range(len(shape) - 1))
    np.testing.assert_allclose(
        array(y), batch_norm_by_definition(x, gamma, beta, 1e-3), rtol=1e-10
    )
    np.testing.assert_allclose(array(mean), 0.25 * x.mean(axes), rtol=1e-12)
    np.testing.assert_allclose(array(variance), 0.75 + 0.25 * x.var(axes), rtol=1e-12)


@SHAPES
def test_kernel_in_use_agrees_with_the_portable_one(shape):
    rng = np.random.default_rng(0)
    x, gamma, beta, mean = (
        keras.ops.convert_to_tensor(rng.normal(size=s).astype("float32"))
        for s in (shape, 3, 3, 3)
    )
    variance = keras.ops.convert_to_tensor(rng.uniform(1, 2, 3).astype("float32"))
    for ours, theirs in (
        (
            kernels.standardize(x, gamma, beta, 1e-3),
            portable.standardize(x, gamma, beta, 1e-3),
        ),
        (
            [kernels.normalize(x, gamma, beta, mean, variance, 1e-3)],
            [portable.normalize(x, gamma, beta, mean, variance, 1e-3)],
        ),
    ):
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(array(mine), array(other), rtol=1e-5, atol=1e-5)


def test_a_batch_of_one_value_has_no_variance():
    layer = BatchNorm(momentum=0.5)
    y = layer(np.full((1, 1, 1, 2), 7.0, "float32"), training=True)
    np.testing.assert_allclose(array(y), 0.0, atol=1e-6)
    np.testing.assert_allclose(array(layer.moving_variance), 0.5)


@SHAPES
def test_inference_of_a_sample_does_not_depend_on_its_batch(shape):
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    layer = BatchNorm()
    layer(x, training=True)
    np.testing.assert_allclose(array(layer(x))[:1], array(layer(x[:1])), rtol=1e-6)


def test_averages_approach_the_statistics_of_the_data():
    x = np.random.default_rng(0).normal(5, 3, size=(256, 2)).astype("float32")
    layer = BatchNorm(momentum=0.9)
    for _ in range(100):
        layer(x, training=True)
    np.testing.assert_allclose(array(layer.moving_mean), x.mean(0), rtol=1e-3)
    np.testing.assert_allclose(array(layer.moving_variance), x.var(0), rtol=1e-3)


def test_a_frozen_layer_keeps_its_averages():
    layer = BatchNorm(trainable=False)
    x = np.random.default_rng(0).normal(5, 3, size=(8, 2)).astype("float32")
    y = layer(x, training=True)
    np.testing.assert_array_equal(array(layer.moving_mean), 0)
    np.testing.assert_allclose(array(y), x, rtol=1e-4)


def test_refuses_another_rank():
    with pytest.raises(ValueError) as error:
        batch_norm(np.zeros((2, 3, 4)), *[np.zeros(4)] * 4)
    assert str(error.value) == (
        "batch_norm needs (batch, channels) or (batch, height, width, channels). "
        "Received: shape (2, 3, 4)."
    )


def test_statistics_are_shared_between_replicas_on_tensorflow_only():
    if keras.backend.backend() != "tensorflow":
        with pytest.raises(ValueError) as error:
            BatchNorm(synchronized=True)
        assert str(error.value) == (
            "BatchNorm has `synchronized=True` with Keras' TensorFlow backend only. "
            f"Received: the backend {keras.backend.backend()!r}."
        )
        return
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    layer = BatchNorm(synchronized=True)
    alone = BatchNorm.from_config({**layer.get_config(), "synchronized": False})
    np.testing.assert_array_equal(layer(x, training=True), alone(x, training=True))
