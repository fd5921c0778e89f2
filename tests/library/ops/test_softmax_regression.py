"""One step of softmax regression in closed form, against loops and against Keras."""

import math

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet.models import softmax_regression
from kerasheet.ops import softmax_regression_step

RATE = 0.5


def problem(samples=5, features=4, classes=3):
    """(kernel, bias, x, labels)."""
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=(features, classes)),
        rng.normal(size=classes),
        rng.normal(size=(samples, features)),
        rng.integers(0, classes, samples),
    )


def step_by_definition(kernel, bias, x, labels):
    """The docstring's formula, one sample, feature and class at a time."""
    new_kernel, new_bias = kernel.copy(), bias.copy()
    for sample, label in zip(x, labels, strict=True):
        logits = [sample @ kernel[:, c] + bias[c] for c in range(len(bias))]
        total = sum(math.exp(logit) for logit in logits)
        for c, logit in enumerate(logits):
            error = (c == label) - math.exp(logit) / total
            new_bias[c] += RATE * error / len(x)
            for d, value in enumerate(sample):
                new_kernel[d, c] += RATE * value * error / len(x)
    return new_kernel, new_bias


def test_agrees_with_the_definition():
    found = softmax_regression_step(*problem(), RATE)
    for ours, expected in zip(found, step_by_definition(*problem()), strict=True):
        # Only on TensorFlow does Keras multiply float64 matrices in float64.
        np.testing.assert_allclose(array(ours), expected, rtol=0, atol=1e-6)


def test_is_a_step_of_sgd_on_the_keras_model():
    kernel, bias, x, labels = problem(samples=8, features=6)
    model = softmax_regression(input_shape=(3, 2, 1), classes=3)
    model.set_weights([kernel, bias])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(RATE), loss, run_eagerly=True)
    model.train_on_batch(x.reshape(8, 3, 2, 1), labels)
    found = softmax_regression_step(kernel, bias, x, labels, RATE)
    for ours, theirs in zip(found, model.get_weights(), strict=True):
        # Keras works in float32 here: a few roundings of 6e-8 on numbers around 1.
        np.testing.assert_allclose(array(ours), theirs, rtol=0, atol=1e-6)


def test_a_step_with_a_sure_and_right_prediction_moves_nothing():
    kernel, bias = np.array([[1000.0, 0.0]]), np.zeros(2)
    found = softmax_regression_step(kernel, bias, np.ones((1, 1)), np.array([0]), RATE)
    for ours, before in zip(found, (kernel, bias), strict=True):
        np.testing.assert_array_equal(array(ours), before)


def test_refuses_labels_that_are_not_one_per_sample():
    with pytest.raises(ValueError) as error:
        softmax_regression_step(
            np.zeros((2, 3)), np.zeros(3), np.zeros((4, 2)), np.zeros((4, 1), int), 1.0
        )
    assert str(error.value) == (
        "softmax_regression_step of 4 samples needs labels of shape (4,). "
        "Received: shape (4, 1)."
    )
