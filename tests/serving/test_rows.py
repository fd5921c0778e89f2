"""Requests put together row by row, and their answers taken apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kerasheet_serving import TensorSpec
from kerasheet_serving.rows import has_rows, row_count, row_kind, run_together


def spec(*shape):
    return TensorSpec("t", "float32", shape)


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        ([spec("batch", 28)], [spec("batch", 10), spec("batch")], True),
        ([spec("n"), spec("n", "time")], [spec("n", "time", 8)], True),
        ([spec("?", "?")], [spec("?")], True),
        ([spec("n", "n")], [spec("n")], False),
        ([spec("batch")], [spec()], False),
        ([spec("batch")], [spec(1)], False),
        ([spec(1, 28)], [spec(1, 10)], False),
        ([spec("a")], [spec("b")], False),
        ([spec("batch"), spec()], [spec("batch")], False),
        ([], [spec("batch")], False),
    ],
)
def test_a_model_may_have_rows_if_its_tensors_share_a_first_dimension_that_varies(
    inputs, outputs, expected
):
    assert has_rows(inputs, outputs) is expected


@pytest.mark.parametrize(
    ("shapes", "rows"),
    [
        ([(3, 2)], 3),
        ([(3,), (3, 5)], 3),
        ([(0, 2)], 0),
        ([(3,), (2,)], None),
        ([()], None),
        ([(3,), ()], None),
        ([], None),
    ],
)
def test_a_request_has_rows_if_its_arrays_agree(shapes, rows):
    inputs = {str(index): np.zeros(shape) for index, shape in enumerate(shapes)}
    assert row_count(inputs) == rows


@pytest.mark.parametrize(
    "other",
    [
        {"x": np.zeros((2, 3), np.float64)},
        {"x": np.zeros((2, 4), np.float32)},
        {"x": np.zeros((2, 3, 1), np.float32)},
        {"y": np.zeros((2, 3), np.float32)},
        {"x": np.zeros((2, 3), np.float32), "y": np.zeros(2, np.float32)},
    ],
)
def test_requests_that_differ_in_more_than_rows_are_of_different_kinds(other):
    kind = row_kind({"x": np.zeros((2, 3), np.float32)})
    assert row_kind({"x": np.zeros((7, 3), np.float32)}) == kind
    assert row_kind(other) != kind


class Doubled:
    """y = 2 x, of numbers that are not negative; counts its runs."""

    def __init__(self):
        self.runs = 0

    def __call__(self, inputs):
        self.runs += 1
        if (inputs["x"] < 0).any():
            raise ValueError("negative")
        return {"y": inputs["x"] * 2, "x": inputs["x"]}


@given(
    st.lists(
        arrays.arrays(
            np.float32,
            st.tuples(st.integers(0, 4), st.just(3)),
            elements=st.floats(0, 1e6, width=32),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_together_or_alone_the_answers_are_the_same(batch):
    model = Doubled()
    together = run_together(model, [{"x": array} for array in batch])
    assert model.runs == 1
    for array, outputs in zip(batch, together, strict=True):
        expected = Doubled()({"x": array})
        assert outputs.keys() == expected.keys()
        for name, values in expected.items():
            assert outputs[name].dtype == values.dtype
            np.testing.assert_array_equal(outputs[name], values)


def test_an_error_is_the_answer_of_the_request_that_causes_it_alone():
    good, bad = {"x": np.ones(2)}, {"x": -np.ones(3)}
    first, error, last = run_together(Doubled(), [good, bad, good])
    assert (first["y"].tolist(), last["y"].tolist()) == ([2, 2], [2, 2])
    assert (type(error), str(error)) == (ValueError, "negative")


@pytest.mark.parametrize("gives", [np.float32(7), np.ones(1), "no array"])
def test_a_model_that_gives_other_than_a_row_for_a_row_is_run_for_each(gives):
    requests = [{"x": np.ones(2)}, {"x": np.ones(3)}]
    answers = run_together(lambda inputs: {"y": gives}, requests)
    assert answers == [{"y": gives}] * 2


def test_strings_are_put_together_as_they_are():
    texts = [np.array(words, object) for words in (["a", b"\xff"], ["grüße"])]
    answers = run_together(dict, [{"x": array} for array in texts])
    assert [answer["x"].tolist() for answer in answers] == [["a", b"\xff"], ["grüße"]]
