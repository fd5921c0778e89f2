"""Where windows begin: §7.3's two ways of sampling."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kerasheet.errors import DataError
from kerasheet.language import (
    SAMPLINGS,
    consecutive_windows,
    count_batches,
    gather,
    random_windows,
)

lengths, steps_, batch_sizes = st.integers(2, 400), st.integers(1, 9), st.integers(1, 9)
seeds = st.none() | st.integers(0, 2**32)
both = pytest.mark.parametrize("sampling", SAMPLINGS)


def draw(sampling, length, steps, batch_size, seed):
    rng = None if seed is None else np.random.default_rng(seed)
    return SAMPLINGS[sampling](length, steps, batch_size, rng)


@both
@given(lengths, steps_, batch_sizes, seeds)
@settings(deadline=None)
def test_windows_lie_in_the_text_and_do_not_overlap(
    sampling, length, steps, batch_size, seed
):
    assume(length >= steps * (batch_size + 1))
    starts = draw(sampling, length, steps, batch_size, seed)
    assert starts.dtype == np.int64
    assert starts.min() >= 0
    assert starts.max() + steps + 1 <= length  # with the last label
    assert np.all(np.diff(np.sort(starts, axis=None)) >= steps)
    windows = gather(np.arange(length, dtype=np.uint16), starts, steps)
    assert windows.shape == (*starts.shape, steps + 1)
    assert windows.dtype == np.int32
    np.testing.assert_array_equal(windows[..., 0], starts)
    np.testing.assert_array_equal(np.diff(windows), 1)


@both
@given(lengths, steps_, batch_sizes, seeds)
@settings(deadline=None)
def test_every_offset_makes_as_many_batches(sampling, length, steps, batch_size, seed):
    assume(length >= steps * (batch_size + 1))
    batches = count_batches(length, steps, batch_size, sampling)
    starts = draw(sampling, length, steps, batch_size, seed)
    assert starts.shape == (batches, batch_size)


@both
@given(lengths, steps_, batch_sizes)
@settings(deadline=None)
def test_there_are_as_many_batches_as_the_largest_offset_allows(
    sampling, length, steps, batch_size
):
    usable = length - 1 - (steps - 1)  # the last token is a label only
    if sampling == "random":
        expected = usable // steps // batch_size
    else:
        expected = usable // batch_size // steps
    assume(expected > 0)
    assert count_batches(length, steps, batch_size, sampling) == expected


@given(lengths, steps_, batch_sizes, seeds)
@settings(deadline=None)
def test_a_consecutive_batch_goes_on_where_the_one_before_ended(
    length, steps, batch_size, seed
):
    assume(length >= steps * (batch_size + 1))
    starts = draw("consecutive", length, steps, batch_size, seed)
    np.testing.assert_array_equal(starts[1:], starts[:-1] + steps)
    assert len(set(np.diff(starts[0]))) <= 1  # streams of one length


@both
def test_every_offset_occurs(sampling):
    rng = np.random.default_rng(0)
    draws = [SAMPLINGS[sampling](50, 5, 2, rng) for _ in range(100)]
    assert {int(starts.min()) % 5 for starts in draws} == set(range(5))
    if sampling == "consecutive":
        assert {int(starts[0, 0]) for starts in draws} == set(range(5))


@both
def test_epochs_differ_but_a_seed_repeats_them(sampling):
    first, again = (
        [draw(sampling, 9999, 70, 3, seed).tolist() for seed in range(5)] for _ in "12"
    )
    assert first == again
    assert all(first[0] != other for other in first[1:])


def test_random_windows_are_shuffled_and_any_may_be_left_out():
    length = 4 * 10 + 1  # ten windows of which three batches of three are taken
    rng = np.random.default_rng(0)
    draws = [random_windows(length, 4, 3, rng) for _ in range(200)]
    assert {int(starts[0, 0]) // 4 for starts in draws} == set(range(10))


def test_without_a_generator_windows_come_in_order_from_the_beginning():
    assert random_windows(26, 4, 2, None).tolist() == [[0, 4], [8, 12]]
    assert consecutive_windows(26, 4, 2, None).tolist() == [[0, 11], [4, 15]]


@both
def test_the_book_of_the_errata_has_eight_batches(sampling):
    assert count_batches(10_000, 35, 32, sampling) == 8


@both
def test_refuses_a_text_too_short_for_one_batch(sampling):
    assert draw(sampling, 1155, 35, 32, seed=0).shape == (1, 32)
    with pytest.raises(DataError) as error:
        draw(sampling, 1154, 35, 32, seed=0)
    assert str(error.value) == (
        "1154 tokens are too few for a batch of 32 windows of 35 steps: it takes at "
        "least 1155. Give more text, or lower --steps or --batch-size."
    )


@pytest.mark.parametrize("value", [0, -1, 1.0, True])
def test_refuses_sizes_that_are_none(value):
    for name, arguments in (("steps", (value, 1)), ("batch_size", (1, value))):
        with pytest.raises(ValueError) as error:
            count_batches(10, *arguments, "random")
        assert str(error.value) == (
            f"Sampling needs `{name}` to be a positive int. Received: {name}={value!r}."
        )


def test_refuses_an_unknown_sampling():
    with pytest.raises(ValueError) as error:
        count_batches(10, 1, 1, "randon")
    assert str(error.value) == (
        "Unknown sampling 'randon'. Did you mean 'random'? Known: random, consecutive."
    )
