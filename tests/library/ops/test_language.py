"""One-hot vectors and perplexity."""

import math

import numpy as np
import pytest
from autodiff import array

from kerasheet.ops import one_hot, perplexity


def test_one_hot_is_a_row_of_the_identity():
    ids = np.array([[3, 0], [1, 1]])
    np.testing.assert_array_equal(array(one_hot(ids, 4)), np.eye(4)[ids])


def test_perplexity_is_one_when_every_label_was_certain():
    logits = np.array([[100.0, 0.0, 0.0], [0.0, 0.0, 100.0]], "float32")
    assert float(array(perplexity(logits, [0, 2]))) == pytest.approx(1.0)


def test_perplexity_is_infinite_when_a_label_was_impossible():
    logits = np.array([[0.0, 1e5], [0.0, 0.0]], "float32")
    assert float(array(perplexity(logits, [0, 0]))) == math.inf


@pytest.mark.parametrize("classes", [2, 28])
def test_perplexity_is_the_number_of_classes_when_all_are_equally_likely(classes):
    logits = np.full((5, classes), 0.3, "float32")
    labels = np.arange(5) % classes
    assert float(array(perplexity(logits, labels))) == pytest.approx(classes, rel=1e-5)


def test_perplexity_is_the_geometric_mean_of_one_over_the_probabilities():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 6, 4)).astype("float32")
    labels = rng.integers(4, size=(2, 6))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    chosen = np.take_along_axis(p, labels[..., None], -1)
    expected = np.prod(1 / chosen.astype("float64")) ** (1 / 12)
    assert float(array(perplexity(logits, labels))) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        ([0, 4], "one_hot needs ids from 0 to 3. Received: 4."),
        ([-1, 1], "one_hot needs ids from 0 to 3. Received: -1."),
    ],
)
def test_one_hot_refuses_ids_out_of_range(ids, sentence):
    with pytest.raises(ValueError) as error:
        one_hot(ids, 4)
    assert str(error.value) == sentence


def test_one_hot_refuses_floats():
    with pytest.raises(ValueError, match=r"^one_hot needs integer ids\. Received: "):
        one_hot(np.array([0.5], "float32"), 4)
