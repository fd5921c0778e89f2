"""Errata of §7.8 to §7.10: as the sheet writes it, and as it must be."""

import numpy as np
import pytest
from autodiff import array, central_differences

from kerasheet.ops import RnnWeights, bptt, bptt_expanded, rnn

STEPS = 6


def problem(hidden=4, classes=3, features=2):
    """(weights, x, labels, initial)."""
    rng = np.random.default_rng(0)
    shapes = ((hidden, features), (hidden, hidden), (classes, hidden))
    weights = RnnWeights(*(0.6 * rng.normal(size=shape) for shape in shapes))
    x = rng.normal(size=(STEPS, features))
    labels = rng.integers(classes, size=STEPS)
    return weights, x, labels, rng.normal(size=hidden)


def test_errata_50_columns_and_rows_are_each_others_transpose():
    weights, x, _labels, initial = problem()
    h = initial
    for x_t in x:  # §7.8, columns
        h = weights.w_hx @ x_t + weights.w_hh @ h
    rows = (x[None], initial[None], weights.w_hx.T, weights.w_hh.T, np.zeros(4))
    _, last = rnn(*rows, "linear")  # §7.2, rows
    np.testing.assert_allclose(array(last)[0], h, atol=1e-12)
    _, wrong = rnn(*rows[:3], weights.w_hh, rows[4], "linear")
    assert np.abs(array(wrong)[0] - h).max() > 0.1


def expansion(slopes, weights, t, terms):
    """∂L/∂h_t after so many substitutions, t counted from 0: as it must be."""
    total, power = 0.0, np.eye(len(weights.w_hh))
    for later in range(t, t + terms):
        total = total + power @ weights.w_qh.T @ array(slopes.along_o)[later]
        power = power @ weights.w_hh.T
    return total + power @ array(slopes.along_h)[t + terms]


def sheets_expansion(slopes, weights, t, terms):
    """The same as printed: ∂o where ∂h stands, and without the term of step t."""
    along_o = array(slopes.along_o)
    total = np.linalg.matrix_power(weights.w_hh.T, terms) @ along_o[t + terms]
    for i in range(1, terms):
        power = np.linalg.matrix_power(weights.w_hh.T, i)
        total = total + power @ weights.w_qh.T @ along_o[t + i]
    return total


def check_line(terms):
    weights, *rest = problem()
    slopes = bptt(weights, *rest)
    with pytest.raises(ValueError, match="mismatch in its core dimension"):
        sheets_expansion(slopes, weights, 0, terms)  # W_hhᵀ takes no ∂o
    square, *rest = problem(hidden=3, classes=3)  # the shapes fit, by chance
    slopes = bptt(square, *rest)
    for t in range(STEPS - terms):
        true = array(slopes.along_h)[t]
        np.testing.assert_allclose(
            expansion(slopes, square, t, terms), true, atol=1e-12
        )
        assert np.abs(sheets_expansion(slopes, square, t, terms) - true).max() > 0.01


def test_errata_51_the_first_line_needs_the_slope_along_h_and_one_more_term():
    check_line(terms=2)


def test_errata_52_so_does_the_second_line():
    check_line(terms=3)


def test_errata_53_the_last_line_is_right():
    weights, *rest = problem()
    slopes = bptt(weights, *rest)
    along_o, big_t = array(slopes.along_o), STEPS
    for t in range(1, big_t + 1):
        printed = sum(
            np.linalg.matrix_power(weights.w_hh.T, big_t - i)
            @ weights.w_qh.T
            @ along_o[big_t - i + t - 1]
            for i in range(t, big_t + 1)
        )
        np.testing.assert_allclose(array(slopes.along_h)[t - 1], printed, atol=1e-12)
        expanded = array(bptt_expanded(weights, along_o, t))
        np.testing.assert_allclose(expanded, printed, atol=1e-12)


def test_errata_54_the_slope_along_w_qh_is_announced_and_missing():
    weights, x, labels, initial = problem()
    slopes = bptt(weights, x, labels, initial)
    h, states = initial, []
    for x_t in x:
        h = weights.w_hx @ x_t + weights.w_hh @ h
        states.append(h)
    formula = sum(
        np.outer(o, h) for o, h in zip(array(slopes.along_o), states, strict=True)
    )
    np.testing.assert_allclose(array(slopes.along_weights.w_qh), formula, atol=1e-12)
    numeric = central_differences(
        lambda: bptt(weights, x, labels, initial).L,
        weights.w_qh.copy,
        lambda moved: np.copyto(weights.w_qh, moved),
    )
    np.testing.assert_allclose(formula, numeric, atol=1e-8)
