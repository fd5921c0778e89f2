"""collapse_affine and squared_loss against the formulas, in NumPy."""

import numpy as np
import pytest
from autodiff import array, central_differences

from kerasheet.ops import collapse_affine, relu, squared_loss


def two_layers():
    """(hidden kernel, hidden bias, kernel, bias) of 4 features, 5 units, 3 outputs."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in ((4, 5), 5, (5, 3), 3)]


def test_two_affine_layers_equal_the_one_they_collapse_to():
    hidden_kernel, hidden_bias, kernel, bias = weights = two_layers()
    x = np.random.default_rng(1).normal(size=(7, 4))
    twice = (x @ hidden_kernel + hidden_bias) @ kernel + bias
    one_kernel, one_bias = collapse_affine(*weights)
    assert one_kernel.shape == (4, 3)
    assert one_bias.shape == (3,)
    # Only on TensorFlow does Keras multiply float64 matrices in float64.
    once = x @ array(one_kernel) + array(one_bias)
    np.testing.assert_allclose(once, twice, rtol=0, atol=1e-5)


def test_no_affine_layer_equals_two_with_an_activation_between():
    """Its outputs at ±x would lie around its output at 0: here they do not."""
    hidden_kernel, hidden_bias, kernel, bias = two_layers()
    x = np.random.default_rng(1).normal(size=4)
    x = np.stack([x, -x, 0 * x])
    outputs = array(relu(x @ hidden_kernel + hidden_bias)) @ kernel + bias
    assert abs(outputs[0] + outputs[1] - 2 * outputs[2]).max() > 0.1


def test_squared_loss_agrees_with_the_definition():
    rng = np.random.default_rng(0)
    predictions, targets = rng.normal(size=(2, 6, 1))
    each = array(squared_loss(predictions, targets))
    pairs = zip(predictions[:, 0], targets[:, 0], strict=True)
    expected = np.array([[(p - t) ** 2 / 2] for p, t in pairs])
    np.testing.assert_allclose(each, expected, rtol=1e-12)
    mean = float(squared_loss(predictions, targets, "mean"))
    # Only on TensorFlow does Keras take means of float64 in float64.
    assert mean == pytest.approx(expected.sum() / 6, rel=1e-6)


def test_slope_of_the_squared_loss_is_the_difference():
    predictions, targets = np.array([3.0, -1.0]), np.array([1.0, 1.0])

    def write(moved):
        predictions[...] = moved

    slope = central_differences(
        lambda: array(squared_loss(predictions, targets)).sum(),
        predictions.copy,
        write,
    )
    # Central differences of a parabola leave nothing but rounding.
    np.testing.assert_allclose(slope, [2.0, -2.0], rtol=1e-8)


def test_squared_loss_refuses_an_unknown_reduction():
    with pytest.raises(ValueError) as error:
        squared_loss(np.zeros(2), np.zeros(2), "sum")
    assert str(error.value) == (
        'squared_loss needs `reduction` to be "none" or "mean". '
        "Received: reduction='sum'."
    )


def test_squared_loss_refuses_shapes_that_would_broadcast():
    with pytest.raises(ValueError) as error:
        squared_loss(np.zeros((3, 1)), np.zeros(3))
    assert str(error.value) == (
        "squared_loss needs targets of the predictions' shape (3, 1). Received: (3,)."
    )
