"""The activations against Python's own mathematics."""

import math

import numpy as np
import pytest
from autodiff import array

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
        array(function(X)), [definition(x) for x in X], rtol=1e-12, atol=1e-15
    )


def test_extremes_do_not_overflow():
    x = np.array([-1e4, 1e4])
    assert array(ops.sigmoid(x)).tolist() == [0, 1]
    assert array(ops.tanh(x)).tolist() == [-1, 1]
