"""Errata of §3: as the sheet writes it, and as it must be."""

import numpy as np
import pytest
from autodiff import array, central_differences

from kerasheet.ops import l2_penalty, l2_update, mlp_backward, mlp_forward
from kerasheet.ops.backprop import Weights

SAMPLES, BATCH, RATE, STRENGTH = 100, 10, 0.1, 3.0


def slope_of_the_sheets_penalty(weight):
    """Of λ/(2n) ‖w‖², differentiated numerically."""
    return central_differences(
        lambda: STRENGTH / (2 * SAMPLES) * (weight**2).sum(),
        weight.copy,
        lambda moved: np.copyto(weight, moved),
    )


def test_errata_7_the_decay_counts_the_samples_of_the_data_not_of_the_batch():
    weight = np.array([2.0, -1.0])
    stepped = weight - RATE * slope_of_the_sheets_penalty(weight)
    np.testing.assert_allclose(stepped / weight, 0.997, rtol=1e-8)
    sheets = 1 - RATE * STRENGTH / BATCH
    assert sheets == pytest.approx(0.97)
    ours = array(l2_update(weight, 0 * weight, RATE, STRENGTH / SAMPLES))
    np.testing.assert_allclose(ours, stepped, rtol=1e-8)


def test_errata_8_the_two_penalties_differ_by_the_number_of_samples():
    weight = np.array([2.0, -1.0])
    in_section_3 = STRENGTH / (2 * SAMPLES) * (weight**2).sum()
    in_section_5 = STRENGTH / 2 * (weight**2).sum()
    assert in_section_5 == pytest.approx(SAMPLES * in_section_3)
    assert float(l2_penalty(weight, STRENGTH)) == pytest.approx(in_section_5)
    assert float(l2_penalty(weight, STRENGTH / SAMPLES)) == pytest.approx(in_section_3)


@pytest.mark.parametrize(
    ("strength", "shrinks"), [(5.0, True), (15.0, True), (25.0, False)]
)
def test_errata_9_a_factor_below_one_need_not_shrink_the_weight(strength, shrinks):
    """The condition is 0 < ηλ < 2; the sheet's holds for all three."""
    assert 1 - RATE * strength < 1
    moved = float(l2_update(np.array(1.0), 0.0, RATE, strength))
    assert (abs(moved) < 1) == shrinks == (0 < RATE * strength < 2)


def test_errata_9_biases_do_not_decay():
    rng = np.random.default_rng(0)
    weights = Weights(*(rng.normal(size=s) for s in ((4, 3), (2, 4), 4, 2)))
    x = rng.normal(size=3)
    plain, decayed = (
        mlp_backward(weights, x, 0, mlp_forward(weights, x, 0), strength=strength)
        for strength in (0.0, STRENGTH)
    )
    for name in ("b1", "b2"):
        np.testing.assert_array_equal(getattr(decayed, name), getattr(plain, name))
    for name in ("w1", "w2"):
        difference = array(getattr(decayed, name)) - array(getattr(plain, name))
        np.testing.assert_allclose(difference, STRENGTH * getattr(weights, name))
