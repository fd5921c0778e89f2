"""Errata of §1: as the sheet writes it, and as it must be."""

import numpy as np
import pytest
from autodiff import array, central_differences

from kerasheet.ops import cross_entropy, softmax, softmax_regression_step

RATE = 0.5


def sheets_softmax(o):
    return np.exp(o) / np.exp(o).sum()


def problem():
    """(kernel, bias, x, labels): 5 samples, 4 features, 3 classes."""
    rng = np.random.default_rng(0)
    shapes = ((4, 3), 3, (5, 4))
    return *(rng.normal(size=shape) for shape in shapes), np.array([0, 2, 1, 1, 0])


def slope(weight, x, kernel, bias, labels):
    """Of the mean cross-entropy, along one of the two weights."""
    return central_differences(
        lambda: cross_entropy(x @ kernel + bias, labels, "mean"),
        weight.copy,
        lambda moved: np.copyto(weight, moved),
    )


def test_errata_2_softmax_is_of_all_logits_with_their_bias():
    kernel, bias, [x, *_], _ = problem()
    one_at_a_time = [sheets_softmax(np.array([kernel[:, c] @ x])) for c in range(3)]
    np.testing.assert_array_equal(one_at_a_time, [[1], [1], [1]])
    logits = kernel.T @ x
    probabilities = array(softmax(logits + bias))
    np.testing.assert_allclose(probabilities, sheets_softmax(logits + bias), rtol=1e-9)
    assert probabilities.sum() == pytest.approx(1)
    lifted = array(softmax(logits + np.array([0.0, 0.0, 100.0])))
    assert lifted.argmax() == 2 != logits.argmax()


def test_errata_3_the_slope_is_x_transposed_times_the_error():
    kernel, bias, x, labels = problem()
    one, label = x[:1], labels[:1]
    error = np.eye(3)[label] - sheets_softmax(one @ kernel + bias)
    with pytest.raises(ValueError, match="mismatch in its core dimension"):
        one @ error.T
    new, _ = softmax_regression_step(kernel, bias, x, labels, RATE)
    expected = kernel - RATE * slope(kernel, x, kernel, bias, labels)
    np.testing.assert_allclose(array(new), expected, rtol=1e-7)


def test_errata_4_both_updates_use_the_prediction_of_both_old_weights():
    kernel, bias, x, labels = problem()
    expected = bias - RATE * slope(bias, x, kernel, bias, labels)
    new_kernel, new_bias = softmax_regression_step(kernel, bias, x, labels, RATE)
    _, bias_after_kernel = softmax_regression_step(
        array(new_kernel), bias, x, labels, RATE
    )
    np.testing.assert_allclose(array(new_bias), expected, rtol=1e-7)
    assert abs(array(bias_after_kernel) - expected).max() > 1e-3


def test_errata_5_the_sheets_code_is_neither_the_mean_nor_finite():
    def sheets_cross_entropy(y_hat, y):
        return -np.log(np.take_along_axis(y_hat, y.reshape(-1, 1), 1))

    kernel, bias, x, labels = problem()
    logits = x @ kernel + bias
    each = sheets_cross_entropy(array(softmax(logits)), labels)
    assert each.shape == (5, 1)
    assert float(cross_entropy(logits, labels, "mean")) == pytest.approx(each.mean())

    far, wrong = np.array([[0.0, 1000.0]]), np.array([0])
    with np.errstate(divide="ignore"):
        assert sheets_cross_entropy(array(softmax(far)), wrong) == np.inf
    assert float(cross_entropy(far, wrong, "mean")) == 1000.0
