"""Whether the rows that a model computes together leave each other alone."""

import numpy as np
import pytest
from serving_models import half_plus_two, identity, lenet, publish, sum_and_product

from kerasheet_serving import Session, TensorSpec
from kerasheet_serving.row_probe import rows_are_independent

VECTORS = [TensorSpec("x", "float32", ("batch", 3))]


def of_each(function):
    """A model that applies a function to all its rows at once."""
    return lambda inputs: {"y": function(inputs["x"])}


@pytest.mark.parametrize(
    "model",
    [half_plus_two(), sum_and_product(), lenet()]
    + [identity(dtype) for dtype in ("str", "bool", "uint8", "float16")],
)
def test_rows_of_real_models_are_independent(tmp_path, model):
    session = Session(publish(tmp_path, "M", model))
    assert rows_are_independent(session.run, session.manifest.inputs)


@pytest.mark.parametrize(
    "function",
    [
        lambda rows: np.cumsum(rows, axis=0),  # a state from row to row
        lambda rows: rows - rows.mean(axis=0),  # normalised over the batch
        lambda rows: np.rint(rows / rows.max() * 127),  # quantised by one scale
        lambda rows: rows + np.maximum(rows.max() - 10, 0),  # of large numbers only
        lambda rows: rows @ rows.T,  # of all with all
        lambda rows: rows[::-1],
        lambda rows: rows.sum(axis=0, keepdims=True),
        lambda rows: rows.sum(),
    ],
)
def test_rows_that_depend_on_each_other_are_found_out(function):
    assert not rows_are_independent(of_each(function), VECTORS)


def test_words_that_are_quantised_together_are_found_out():
    """As a quantised language model does that takes a scale from all it is given."""
    vectors = np.random.default_rng(1).normal(size=(500, 8))

    def run(inputs):
        found = vectors[inputs["ids"]]
        scale = np.abs(found).max() / 127
        return {"y": np.rint(found / scale) * scale}

    words = [TensorSpec("ids", "int64", ("batch", "steps"))]
    assert not rows_are_independent(run, words)
    assert rows_are_independent(lambda inputs: {"y": vectors[inputs["ids"]]}, words)


def test_sums_in_another_order_are_no_dependence():
    def run(rows):
        return rows * np.float32(1 + 1e-6 * (len(rows) - 1))

    assert rows_are_independent(of_each(run), VECTORS)


def test_what_is_no_number_is_no_difference():
    def run(rows):
        return np.full_like(rows, np.nan)

    assert rows_are_independent(of_each(run), VECTORS)


def test_a_larger_size_is_tried_where_a_small_one_is_impossible():
    def run(rows):
        if rows.shape[1] < 20:
            raise ValueError("The image is smaller than the kernel.")
        return rows.mean(axis=1)

    images = [TensorSpec("x", "float32", ("batch", "height"))]
    assert rows_are_independent(of_each(run), images)


def test_a_model_that_cannot_compute_what_is_tried_is_not_trusted():
    def run(rows):
        raise ValueError("No.")

    assert not rows_are_independent(of_each(run), VECTORS)


def test_a_model_that_fails_for_two_rows_is_not_trusted():
    def run(rows):
        return rows.reshape(1, 3)

    assert not rows_are_independent(of_each(run), VECTORS)
