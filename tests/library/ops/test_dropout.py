"""Dropout: its law, its two ends, and its two modes."""

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet.layers import Dropout
from kerasheet.ops import dropout

N = 200_000


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_expectation_is_the_input_and_the_share_of_zeros_the_rate(rate):
    y = array(dropout(np.full(N, 3.0), rate, seed=0))
    zeros = np.mean(y == 0)
    # Five standard deviations of a mean of N coins.
    assert zeros == pytest.approx(rate, abs=5 * np.sqrt(rate * (1 - rate) / N))
    spread = 3.0 * np.sqrt(rate / (1 - rate) / N)
    assert y.mean() == pytest.approx(3.0, abs=5 * spread)
    np.testing.assert_allclose(y[y != 0], 3.0 / (1 - rate), rtol=1e-12)


def test_both_ends_are_exact():
    x = np.arange(5.0)
    np.testing.assert_array_equal(array(dropout(x, 0)), x)
    np.testing.assert_array_equal(array(dropout(x, 1)), 0)  # not 0/0: errata 11


def test_masks_differ_from_call_to_call_and_repeat_with_the_seed():
    x = np.ones((1, 100), "float32")
    first, again = Dropout(0.5, seed=3), Dropout(0.5, seed=3)
    masks = [array(first(x, training=True)) for _ in range(2)]
    assert not np.array_equal(*masks)
    np.testing.assert_array_equal(array(again(x, training=True)), masks[0])


def test_inference_passes_the_input_through():
    x = keras.ops.ones((1, 100))
    np.testing.assert_array_equal(array(Dropout(0.5)(x)), array(x))


def test_refuses_what_is_not_a_probability():
    with pytest.raises(ValueError) as error:
        dropout(np.zeros(1), -0.1)
    assert str(error.value) == (
        "dropout needs `rate` to be a probability from 0 to 1. Received: rate=-0.1."
    )
