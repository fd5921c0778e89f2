"""Errata of §5: as the sheet writes it, and as it must be."""

import numpy as np
import pytest
from autodiff import array, central_differences

from kerasheet.ops import mlp_backward, mlp_forward
from kerasheet.ops.backprop import Weights

STRENGTH = 0.3


def problem(features=3, hidden=4, classes=2):
    """(weights, x, forward, slopes) of one sample of class 1, with tanh."""
    rng = np.random.default_rng(0)
    shapes = ((hidden, features), (classes, hidden), hidden, classes)
    weights = Weights(*(rng.normal(size=shape) for shape in shapes))
    x = rng.normal(size=features)
    forward = mlp_forward(weights, x, 1, "tanh", STRENGTH)
    slopes = mlp_backward(weights, x, 1, forward, "tanh", STRENGTH)
    return weights, x, forward, Weights(*map(array, slopes))


def numeric(weight, value):
    """Slope along a weight of a value computed from all of them."""
    return central_differences(
        value, weight.copy, lambda moved: np.copyto(weight, moved)
    )


def test_errata_12_the_outputs_along_w2_are_a_tensor_of_order_three():
    weights, x, forward, slopes = problem()
    jacobian = np.stack(
        [
            numeric(weights.w2, lambda i=i: mlp_forward(weights, x, 1, "tanh").o[i])
            for i in range(2)
        ]
    )
    h = array(forward.h)
    expected = np.einsum("ik,j->ikj", np.eye(2), h)  # ∂o_i/∂W_kj = [i = k] h_j
    np.testing.assert_allclose(jacobian, expected, atol=1e-8)
    assert h.shape != jacobian.shape == (2, 2, 4)  # the sheet has h itself
    chained = np.einsum("i,ikj->kj", slopes.b2, jacobian) + STRENGTH * weights.w2
    np.testing.assert_allclose(slopes.w2, chained, atol=1e-8)


@pytest.mark.parametrize("hidden", [4, 2])
def test_errata_13_the_slope_along_w2_is_an_outer_product(hidden):
    weights, x, forward, slopes = problem(hidden=hidden)
    along_o, h = slopes.b2, array(forward.h)
    if hidden == 4:
        with pytest.raises(ValueError, match="mismatch in its core dimension"):
            along_o @ h
    else:
        assert (along_o @ h).shape == ()
    found = numeric(weights.w2, lambda: mlp_forward(weights, x, 1, "tanh", STRENGTH).J)
    np.testing.assert_allclose(slopes.w2, found, atol=1e-8)


def test_errata_14_the_slope_along_h_is_w2_transposed_on_the_left():
    """With as many classes as units, the sheet's order fits, and is wrong."""
    weights, x, forward, slopes = problem(hidden=3, classes=3)
    slope_of_tanh = 1 - array(forward.h) ** 2
    sheets = (slopes.b2 @ weights.w2.T) * slope_of_tanh
    found = numeric(weights.b1, lambda: mlp_forward(weights, x, 1, "tanh", STRENGTH).J)
    assert abs(sheets - found).max() > 0.1
    np.testing.assert_allclose(slopes.b1, found, atol=1e-8)
    penalty = STRENGTH * weights.w1
    np.testing.assert_allclose(slopes.w1, np.outer(found, x) + penalty, atol=1e-8)


def test_errata_15_without_biases_a_sample_of_zeros_cannot_be_learned():
    weights, x, _, _ = problem()
    without = weights._replace(b1=0 * weights.b1, b2=0 * weights.b2)
    np.testing.assert_array_equal(mlp_forward(without, 0 * x, 1, "tanh").o, 0)
    forward = mlp_forward(without, 0 * x, 1, "tanh")
    slopes = mlp_backward(without, 0 * x, 1, forward, "tanh")
    for name in ("w1", "w2"):
        np.testing.assert_array_equal(getattr(slopes, name), 0)
    for name in ("b1", "b2"):
        found = numeric(
            getattr(without, name), lambda: mlp_forward(without, 0 * x, 1, "tanh").J
        )
        assert abs(found).max() > 0.1
        np.testing.assert_allclose(array(getattr(slopes, name)), found, atol=1e-8)
