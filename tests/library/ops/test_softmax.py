"""softmax, log_softmax and cross_entropy against the formulas, in plain Python."""

import math

import numpy as np
import pytest
from autodiff import SLOPE_TOLERANCE, array, central_differences
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasheet.ops import cross_entropy, log_softmax, softmax

rows = st.lists(st.floats(-30, 30), min_size=2, max_size=6)


def softmax_by_definition(row):
    total = math.fsum(math.exp(o) for o in row)
    return [math.exp(o) / total for o in row]


@given(rows)
@settings(deadline=None, max_examples=50)
def test_agrees_with_the_definition(row):
    row = np.array(row)
    np.testing.assert_allclose(
        array(softmax(row)), softmax_by_definition(row), rtol=1e-9
    )
    np.testing.assert_allclose(
        array(log_softmax(row)),
        [math.log(p) for p in softmax_by_definition(row)],
        rtol=1e-9,
        atol=1e-12,
    )


@given(rows, st.floats(-1e3, 1e3))
@settings(deadline=None, max_examples=50)
def test_adding_a_constant_changes_nothing(row, constant):
    row = np.array(row)
    np.testing.assert_allclose(
        array(softmax(row + constant)), array(softmax(row)), rtol=1e-9, atol=1e-15
    )


@given(rows, st.data())
@settings(deadline=None, max_examples=50)
def test_cross_entropy_is_minus_the_log_of_the_true_class(row, data):
    label = data.draw(st.integers(0, len(row) - 1))
    expected = -math.log(softmax_by_definition(row)[label])
    one_hot = np.eye(len(row))[[label]]
    for labels in (np.array([label]), one_hot):
        [loss] = array(cross_entropy(np.array([row]), labels))
        assert loss == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_stays_finite_where_the_sheets_code_gives_infinity():
    logits = np.array([[0.0, 1000.0]])
    with np.errstate(divide="ignore"):
        assert -np.log(array(softmax(logits)))[0, 0] == np.inf  # errata 5
    assert array(cross_entropy(logits, np.array([0]))).tolist() == [1000.0]


def test_mean_is_the_mean_of_the_samples():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(7, 4)), rng.integers(0, 4, 7)
    each = array(cross_entropy(logits, labels))
    assert each.shape == (7,)
    assert float(cross_entropy(logits, labels, "mean")) == pytest.approx(each.mean())


def test_soft_labels_weigh_the_classes():
    logits, soft = np.array([[1.0, 2.0]]), np.array([[0.25, 0.75]])
    expected = -(soft * array(log_softmax(logits))).sum()
    assert float(cross_entropy(logits, soft)[0]) == pytest.approx(expected)


def test_sequences_have_one_value_per_step():
    logits, labels = np.zeros((2, 3, 5)), np.zeros((2, 3), "int32")
    losses = array(cross_entropy(logits, labels))
    np.testing.assert_allclose(losses, np.full((2, 3), math.log(5)))


def test_gradient_is_the_difference_of_prediction_and_truth():
    logits = np.array([[1.0, -2.0, 0.5]])
    numeric = central_differences(
        lambda: array(cross_entropy(logits, np.array([2])))[0],
        logits.copy,
        lambda moved: np.copyto(logits, moved),
    )
    expected = array(softmax(logits)) - np.eye(3)[[2]]
    np.testing.assert_allclose(numeric, expected, **SLOPE_TOLERANCE)


def test_refuses_an_unknown_reduction():
    with pytest.raises(ValueError) as error:
        cross_entropy(np.zeros((1, 2)), np.zeros(1, "int32"), "sum")
    assert str(error.value) == (
        'cross_entropy needs `reduction` to be "none" or "mean". '
        "Received: reduction='sum'."
    )


def test_refuses_labels_of_another_shape():
    with pytest.raises(ValueError) as error:
        cross_entropy(np.zeros((3, 2)), np.zeros((3, 1), "int32"))
    assert str(error.value) == (
        "cross_entropy of logits (3, 2) needs labels (3,) (class numbers) or (3, 2) "
        "(distributions). Received: labels of shape (3, 1)."
    )
