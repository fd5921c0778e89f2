"""The L2 penalty and weight decay, against Keras' regularizer and optimizer."""

import keras
import numpy as np
import pytest
from autodiff import array, central_differences

from kerasheet.ops import l2_penalty, l2_update, squared_loss

RATE, STRENGTH = 0.25, 0.5


@pytest.fixture(autouse=True)
def _float64():
    """Keras adds penalties up in `floatx`."""
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


def regression():
    """(x, y, kernel, bias) of a linear regression on 6 samples of 3 features."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in ((6, 3), (6, 1), (3, 1), 1)]


def slopes(x, y, kernel, bias):
    """Along the kernel and the bias, of the mean of half the squared difference."""
    error = x @ kernel + bias - y
    return x.T @ error / len(x), error.mean(axis=0)


def test_penalty_is_half_the_strength_times_the_sum_of_squares():
    assert float(l2_penalty(np.array([[3.0, 4.0]]), 2.0)) == 25.0
    several = [np.array([[3.0]]), np.array([1.0, 2.0])]
    assert float(l2_penalty(several, 0.5)) == 0.25 * (9 + 1 + 4)
    assert float(l2_penalty(several, 0.0)) == 0.0


def test_penalty_is_keras_regularizer_of_half_the_strength():
    weight = np.random.default_rng(0).normal(size=(4, 3))
    theirs = keras.regularizers.L2(STRENGTH / 2)(keras.ops.convert_to_tensor(weight))
    assert float(l2_penalty(weight, STRENGTH)) == pytest.approx(float(theirs), rel=1e-9)


def test_update_is_a_step_down_the_loss_with_the_penalty():
    x, y, kernel, bias = regression()

    def write(moved):
        kernel[...] = moved

    def objective():
        losses = array(squared_loss(x @ kernel + bias, y))
        return losses.mean() + array(l2_penalty(kernel, STRENGTH))

    slope = central_differences(objective, kernel.copy, write)
    along_kernel, _ = slopes(x, y, kernel, bias)
    np.testing.assert_allclose(
        array(l2_update(kernel, along_kernel, RATE, STRENGTH)),
        kernel - RATE * slope,
        rtol=1e-8,
    )


def test_update_is_a_step_of_keras_sgd_on_the_loss_with_its_regularizer():
    """Automatic differentiation; the bias has no regularizer and does not decay."""
    x, y, kernel, bias = regression()
    layer = keras.layers.Dense(
        1, kernel_regularizer=keras.regularizers.L2(STRENGTH / 2), dtype="float64"
    )
    model = keras.Sequential([keras.Input((3,), dtype="float64"), layer])
    model.set_weights([kernel, bias])
    model.compile(keras.optimizers.SGD(RATE), "mean_squared_error", run_eagerly=True)
    model.train_on_batch(x, y)
    # Keras' mean squared error has no half: its slopes are twice ours.
    along_kernel, along_bias = (2 * slope for slope in slopes(x, y, kernel, bias))
    ours = (
        l2_update(kernel, along_kernel, RATE, STRENGTH),
        l2_update(bias, along_bias, RATE, 0.0),
    )
    for found, expected in zip(ours, model.get_weights(), strict=True):
        # Only on TensorFlow does Keras multiply float64 matrices in float64.
        np.testing.assert_allclose(array(found), expected, rtol=0, atol=1e-6)


def test_update_is_a_step_of_keras_sgd_with_its_weight_decay():
    weight, gradient = np.random.default_rng(0).normal(size=(2, 4, 3))
    variable = keras.Variable(weight, dtype="float64")
    optimizer = keras.optimizers.SGD(RATE, weight_decay=STRENGTH)
    optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    np.testing.assert_allclose(
        array(l2_update(weight, gradient, RATE, STRENGTH)), array(variable), rtol=1e-10
    )
