"""Gradient clipping by the global norm."""

import numpy as np
import pytest
from autodiff import array
from hypothesis import given
from hypothesis import strategies as st

from kerasheet.ops import clip_by_global_norm

SIZES = st.floats(-1e3, 1e3, width=32)


@given(
    st.lists(st.lists(SIZES, min_size=1, max_size=3), min_size=1, max_size=3),
    st.floats(0.01, 1e3),
)
def test_it_is_the_sheets_formula(gradients, threshold):
    gradients = [np.array(one, "float32") for one in gradients]
    norm = np.linalg.norm(np.concatenate(gradients).astype("float64"))
    factor = 1.0 if norm == 0 else min(threshold / norm, 1.0)
    found = clip_by_global_norm(gradients, threshold)
    for one, gradient in zip(found, gradients, strict=True):
        np.testing.assert_allclose(array(one), factor * gradient, rtol=1e-4, atol=1e-6)


def test_zero_gradients_stay_zero():
    [found] = clip_by_global_norm([np.zeros(3, "float32")], 1.0)
    np.testing.assert_array_equal(array(found), 0)


def test_of_no_gradients_there_are_none():
    assert clip_by_global_norm([], 1.0) == []


def test_shapes_and_types_stay():
    gradients = [np.ones((2, 3), "float32"), np.ones(4, "float16")]
    found = clip_by_global_norm(gradients, 1.0)
    assert [array(one).shape for one in found] == [(2, 3), (4,)]
    assert [array(one).dtype for one in found] == ["float32", "float16"]


@pytest.mark.parametrize("threshold", [0, -1.0, None])
def test_refuses_a_threshold_that_is_none(threshold):
    with pytest.raises(ValueError) as error:
        clip_by_global_norm([np.ones(1)], threshold)
    assert str(error.value) == (
        "clip_by_global_norm needs `threshold` above 0. "
        f"Received: threshold={threshold!r}."
    )
