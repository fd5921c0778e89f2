"""The activations against Python's own mathematics."""

import math

import keras
import numpy as np
import pytest
from autodiff import ROUNDING, SLOPE_TOLERANCE, STEP, array, gradients

from kerasheet import ops

X = np.linspace(-5, 5, 41)


@pytest.mark.parametrize(
    ("function", "definition"),
    [
        (ops.relu, lambda x: max(x, 0.0)),
        (ops.sigmoid, lambda x: 1 / (1 + math.exp(-x))),
        (ops.tanh, lambda x: (1 - math.exp(-2 * x)) / (1 + math.exp(-2 * x))),
    ],
)
def test_agrees_with_the_definition(function, definition):
    np.testing.assert_allclose(
        array(function(X)),
        [definition(x) for x in X],
        rtol=ROUNDING,
        atol=1e-3 * ROUNDING,
    )


def test_extremes_do_not_overflow():
    x = np.array([-1e4, 1e4])
    assert array(ops.sigmoid(x)).tolist() == [0, 1]
    assert array(ops.tanh(x)).tolist() == [-1, 1]


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_derivative_agrees_with_central_differences(name):
    function, derivative = getattr(ops, name), getattr(ops, f"{name}_derivative")
    x = X[X != 0]  # relu has its kink at 0
    numeric = (array(function(x + STEP)) - array(function(x - STEP))) / (2 * STEP)
    np.testing.assert_allclose(array(derivative(x)), numeric, **SLOPE_TOLERANCE)


def test_derivative_of_relu_at_its_kink_is_that_of_automatic_differentiation():
    x = np.zeros(1)
    [theirs] = gradients(keras.layers.Activation("relu"), x, training=False)
    assert array(ops.relu_derivative(x)).tolist() == theirs.tolist() == [0]


def test_derivatives_far_out_are_exact():
    x = np.array([-1e4, 1e4])
    assert array(ops.relu_derivative(x)).tolist() == [0, 1]
    assert array(ops.sigmoid_derivative(x)).tolist() == [0, 0]
    assert array(ops.tanh_derivative(x)).tolist() == [0, 0]
