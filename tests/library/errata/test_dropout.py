"""Errata of §4: as the sheet writes it, and as it must be."""

import numpy as np
import pytest
from autodiff import array

from kerasheet.layers import Dropout
from kerasheet.ops import dropout, relu

N = 100_000


def test_errata_10_the_expectation_kept_is_the_layers_not_the_networks():
    h = np.ones(N)
    dropped = dropout(h, 0.5, seed=0)
    # 0 or 2 with equal chance: five standard deviations of a mean of N.
    assert array(dropped).mean() == pytest.approx(1.0, abs=5 / np.sqrt(N))
    after_relu = array(relu(dropped - 1.0)).mean()
    assert float(relu(1.0 - 1.0)) == 0.0
    assert after_relu == pytest.approx(0.5, abs=5 / np.sqrt(N))


def test_errata_11_units_are_dropped_and_parameters_never():
    rng = np.random.default_rng(0)
    x, kernel = rng.uniform(1, 2, (20, 5)), rng.uniform(1, 2, (5, 8))
    parameters = rng.random(kernel.shape) >= 0.5
    without_parameters = x @ (kernel * parameters / 0.5)
    zeros = without_parameters == 0
    assert (zeros == zeros[0]).all()  # parameters serve all samples alike
    layer = Dropout(0.5, seed=0)
    zeros = array(layer(x @ kernel, training=True)) == 0
    assert not (zeros == zeros[0]).all()
    assert 0 < zeros.sum() < zeros.size
    np.testing.assert_array_equal(array(layer(x, training=False)), x.astype("float32"))


def test_errata_11_at_a_rate_of_one_the_formula_is_zero_over_zero():
    h, kept, rate = np.ones(3), np.zeros(3), np.float64(1)
    with np.errstate(invalid="ignore"):
        assert np.isnan(kept / (1 - rate) * h).all()
    np.testing.assert_array_equal(array(dropout(h, 1.0)), 0)
