"""pool2d against the sheet's definition, written out as loops."""

import numpy as np
import pytest
from autodiff import array

from kerasheet.ops import pool2d


def pool2d_by_definition(images, window, strides, padding, mode):
    """Padding is minus infinity for a maximum and zero for a mean."""
    (u, v), (p, q) = window, padding
    fill = -np.inf if mode == "max" else 0.0
    x = np.pad(images, ((0, 0), (p, p), (q, q), (0, 0)), constant_values=fill)
    rows, columns = (x.shape[1] - u) // strides + 1, (x.shape[2] - v) // strides + 1
    y = np.zeros((len(x), rows, columns, x.shape[3]))
    summarize = np.max if mode == "max" else np.mean
    for n, i, j, c in np.ndindex(*y.shape):
        top, left = i * strides, j * strides
        y[n, i, j, c] = summarize(x[n, top : top + u, left : left + v, c])
    return y


@pytest.mark.parametrize("mode", ["max", "avg"])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (1, 0)])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("window", [(2, 2), (3, 2), (3, 3)])
def test_agrees_with_the_definition(window, strides, padding, mode):
    images = np.random.default_rng(0).normal(-5, 1, size=(2, 6, 5, 3))
    np.testing.assert_allclose(
        array(pool2d(images, window, strides, padding, mode)),
        pool2d_by_definition(images, window, strides, padding, mode),
        rtol=1e-12,
    )


def test_strides_are_the_window_unless_given():
    assert pool2d(np.zeros((1, 6, 6, 1)), (3, 2)).shape == (1, 2, 3, 1)


def test_refuses_an_unknown_mode():
    with pytest.raises(ValueError) as error:
        pool2d(np.zeros((1, 3, 3, 1)), 2, mode="median")
    assert str(error.value) == (
        'pool2d needs `mode` to be "max" or "avg". Received: mode=\'median\'.'
    )


def test_refuses_another_rank():
    with pytest.raises(ValueError) as error:
        pool2d(np.zeros((3, 3)), 2)
    assert str(error.value) == (
        "pool2d needs images (batch, height, width, channels). Received: shape (3, 3)."
    )


def test_refuses_a_window_that_does_not_fit():
    with pytest.raises(ValueError) as error:
        pool2d(np.zeros((2, 5, 5, 3)), 7)
    assert str(error.value) == (
        "pool2d slides a (7, 7) window, which does not fit into images of (5, 5) "
        "pixels with padding='valid'. Use a smaller window, more padding, or larger "
        "images."
    )
