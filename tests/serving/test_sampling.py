"""Tokens drawn from what a model expects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasheet_serving.generation.sampling import NOTHING, draw

ROWS = 20_000


def drawn(logits, temperature=1.0, top_k=None, uniforms=(0.5,)):
    count = len(uniforms)
    return draw(
        np.repeat(np.float32([logits]), count, axis=0),
        np.full(count, temperature),
        np.full(count, top_k or len(logits) - 1),
        np.array(uniforms),
    )


def shares(logits, **options):
    uniforms = np.random.default_rng(0).random(ROWS)
    ids = drawn(logits, uniforms=uniforms, **options)
    return np.bincount(ids, minlength=len(logits)) / ROWS


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_come_as_often_as_their_probability_says(temperature):
    logits = np.array([9.0, 0.0, 1.0, 2.0])
    weights = np.exp(logits / temperature) * [0, 1, 1, 1]
    expected = weights / weights.sum()
    found = shares(logits, temperature=temperature)
    # Five standard deviations of a share of so many draws.
    np.testing.assert_allclose(found, expected, atol=5 * 0.5 / np.sqrt(ROWS))


def test_the_unknown_token_is_never_drawn_however_likely():
    assert drawn([1e30, 0.0, 0.0], uniforms=[0.0, 1 - 2**-53]) == [1, 2]
    assert drawn([1e30, 0.0, 1.0], temperature=0) == [2]


def test_only_the_likeliest_may_be_drawn_and_what_is_as_likely():
    assert np.flatnonzero(shares([9.0, 1.0, 3.0, 2.0], top_k=2)).tolist() == [2, 3]
    assert np.flatnonzero(shares([9.0, 1.0, 3.0, 1.0], top_k=2)).tolist() == [1, 2, 3]


def test_temperature_zero_takes_the_likeliest_and_of_two_the_first():
    assert drawn([0.0, 1.0, 3.0, 3.0], temperature=0, uniforms=[0.0, 0.99]) == [2, 2]


def test_a_temperature_near_zero_or_vast_is_a_number_like_any_other():
    assert drawn([0.0, 1.0, 3.0], temperature=5e-324) == [2]
    vast = drawn([0.0, 1.0, 3.0], temperature=1.7e308, uniforms=[0.49, 0.51])
    assert vast == [1, 2]


@pytest.mark.parametrize(
    "logits",
    [[0.0, np.nan, 1.0], [0.0, np.inf, 1.0], [0.0, -np.inf, -np.inf]],
)
def test_nothing_is_drawn_of_what_is_no_number(logits):
    assert drawn(logits) == [NOTHING]
    assert drawn(logits, temperature=0) == [NOTHING]


@given(st.integers(0, 2**32 - 1), st.integers(2, 130), st.integers(2, 40))
def test_a_row_draws_the_same_alone_and_beside_others(seed, tokens, rows):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(rows, tokens)).astype(np.float32) * 5
    temperatures = rng.choice([0.0, 0.3, 1.0, 7.0], size=rows)
    top_ks = rng.integers(1, tokens, size=rows)
    uniforms = rng.random(rows)
    together = draw(logits, temperatures, top_ks, uniforms)
    for row in range(rows):
        one = slice(row, row + 1)
        alone = draw(logits[one], temperatures[one], top_ks[one], uniforms[one])
        assert alone == together[one]
