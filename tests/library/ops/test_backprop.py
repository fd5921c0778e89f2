"""Backpropagation by hand, against automatic and central differentiation."""

import keras
import numpy as np
import pytest
from autodiff import array, central_differences

from kerasheet.ops import mlp_backward, mlp_forward
from kerasheet.ops.backprop import ACTIVATIONS, Forward, Weights

every_activation = pytest.mark.parametrize("activation", list(ACTIVATIONS))
# Keras keeps a regularizer's strength in float32, which has a quarter exactly.
every_strength = pytest.mark.parametrize("strength", [0.0, 0.25])
# Features, hidden units, classes; in the square one a transposed W keeps its shape.
SIZES = [(1, 1, 2), (5, 2, 3), (4, 4, 4)]
every_size = pytest.mark.parametrize("sizes", SIZES, ids=str)

PHI = {
    "relu": lambda z: np.maximum(z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
}


@pytest.fixture(autouse=True)
def _float64():
    """Keras adds losses and penalties up in `floatx`."""
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


def problem(sizes):
    """(weights, x, label)."""
    features, hidden, classes = sizes
    rng = np.random.default_rng(2)
    shapes = ((hidden, features), (classes, hidden), hidden, classes)
    weights = Weights(*(rng.normal(size=shape) for shape in shapes))
    return weights, rng.normal(size=features), classes - 1


def forward_by_definition(weights, x, label, activation, strength):
    """The docstring's formula, in NumPy's float64 on every backend."""
    w1, w2, b1, b2 = weights
    z = w1 @ x + b1
    h = PHI[activation](z)
    o = w2 @ h + b2
    loss = np.log(np.exp(o).sum()) - o[label]
    penalty = strength / 2 * ((w1**2).sum() + (w2**2).sum())
    return Forward(z, h, o, loss, penalty, loss + penalty)


def assert_close(found, expected):
    for name, ours, theirs in zip(found._fields, found, expected, strict=True):
        # Only on TensorFlow does Keras multiply float64 matrices in float64.
        np.testing.assert_allclose(
            array(ours), theirs, rtol=1e-6, atol=1e-6, err_msg=name
        )


def slopes_by_keras(weights, x, label, activation, strength):
    """A step of rate 1 moves every weight by its slope, which Keras finds itself."""
    penalty = keras.regularizers.L2(strength / 2)
    arguments = {"kernel_regularizer": penalty, "dtype": "float64"}
    w1, w2, b1, b2 = weights
    model = keras.Sequential(
        [
            keras.Input(x.shape, dtype="float64"),
            keras.layers.Dense(len(w1), activation, **arguments),
            keras.layers.Dense(len(w2), **arguments),
        ]
    )
    before = [w1.T, b1, w2.T, b2]
    model.set_weights(before)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1.0), loss, run_eagerly=True)
    model.train_on_batch(x[None], np.array([label]))
    moved = [old - new for old, new in zip(before, model.get_weights(), strict=True)]
    along_w1, along_b1, along_w2, along_b2 = moved
    return Weights(along_w1.T, along_w2.T, along_b1, along_b2)


def test_intermediate_values_are_those_of_figure_5_1_worked_by_hand():
    weights = Weights(
        w1=np.array([[1.0, -1.0], [2.0, 0.0]]),
        w2=np.array([[1.0, 1.0], [0.0, -1.0]]),
        b1=np.array([0.0, 1.0]),
        b2=np.array([0.0, -1.0]),
    )
    found = mlp_forward(weights, np.array([1.0, 2.0]), label=0, strength=0.5)
    assert found._fields == ("z", "h", "o", "L", "s", "J")
    loss, penalty = np.log(1 + np.exp(-7)), 0.5 / 2 * (1 + 1 + 4 + 1 + 1 + 1)
    assert_close(found, ([-1, 3], [0, 3], [3, -4], loss, penalty, loss + penalty))


@every_activation
def test_forward_agrees_with_the_definition(activation):
    arguments = (*problem((5, 2, 3)), activation, 0.25)
    assert_close(mlp_forward(*arguments), forward_by_definition(*arguments))


@every_size
@every_strength
@every_activation
def test_slopes_equal_automatic_differentiation(activation, strength, sizes):
    weights, x, label = problem(sizes)
    forward = mlp_forward(weights, x, label, activation, strength)
    found = mlp_backward(weights, x, label, forward, activation, strength)
    assert_close(found, slopes_by_keras(weights, x, label, activation, strength))


@every_size
@every_strength
@every_activation
def test_slopes_equal_central_differences(activation, strength, sizes):
    weights, x, label = problem(sizes)
    forward = mlp_forward(weights, x, label, activation, strength)
    found = mlp_backward(weights, x, label, forward, activation, strength)
    numeric = [
        central_differences(
            lambda: forward_by_definition(weights, x, label, activation, strength).J,
            weight.copy,
            lambda moved, weight=weight: np.copyto(weight, moved),
            step=1e-6,  # the definition is in float64 whatever the backend
        )
        for weight in weights
    ]
    assert_close(found, numeric)


@pytest.mark.parametrize("function", [mlp_forward, mlp_backward])
def test_refuses_an_activation_whose_slope_it_does_not_know(function):
    weights, x, label = problem((5, 2, 3))
    forward = [mlp_forward(weights, x, label)] if function is mlp_backward else []
    with pytest.raises(ValueError) as error:
        function(weights, x, label, *forward, activation="gelu")
    assert str(error.value) == (
        "An activation with a known slope is one of relu, sigmoid, tanh. "
        "Received: activation='gelu'."
    )
