"""The n-gram model against its formula, counted in plain Python."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasheet.errors import DataError
from kerasheet.language import NGram

SIZE = 4
rows = st.lists(st.integers(0, SIZE - 1), max_size=40)
orders = st.integers(1, 5)
smoothings = st.sampled_from([0.01, 0.1, 1.0, 7.0])


def counted(ids, length):
    """How often each token follows each context of one length."""
    begins = range(len(ids) - length)
    return Counter((*ids[i : i + length], ids[i + length]) for i in begins)


def by_definition(ids, context, smoothing, backoff):
    """P_n(w|c) for every w, the longest context first."""
    prior = [1 / SIZE] * SIZE
    if backoff and context:
        prior = by_definition(ids, context[1:], smoothing, backoff)
    counts = counted(ids, len(context))
    follow = [counts[(*context, token)] for token in range(SIZE)]
    strength = smoothing * SIZE
    return [
        (count + strength * before) / (sum(follow) + strength)
        for count, before in zip(follow, prior, strict=True)
    ]


@given(rows, rows, orders, smoothings, st.booleans())
@settings(deadline=None, max_examples=50)
def test_agrees_with_the_definition_for_every_context(
    ids, context, order, smoothing, backoff
):
    model = NGram(order, SIZE, smoothing, backoff).fit(ids)
    given = context[max(0, len(context) - order + 1) :]
    result = model.probabilities(context)
    expected = by_definition(ids, given, smoothing, backoff)
    np.testing.assert_allclose(result, expected, rtol=1e-12)
    assert math.fsum(result) == pytest.approx(1, rel=1e-12)


@given(rows, rows.filter(len), orders, smoothings, st.booleans())
@settings(deadline=None, max_examples=50)
def test_perplexity_is_that_of_its_probabilities_one_by_one(
    ids, text, order, smoothing, backoff
):
    model = NGram(order, SIZE, smoothing, backoff).fit(ids)
    surprise = [
        -math.log(model.probabilities(text[:t])[token]) for t, token in enumerate(text)
    ]
    expected = math.exp(math.fsum(surprise) / len(text))
    assert model.perplexity(text) == pytest.approx(expected, rel=1e-12)


def test_the_context_of_the_first_tokens_is_all_there_are():
    model = NGram(3, 2, smoothing=1e-9, backoff=False).fit([0, 1, 1, 0, 1, 1, 0, 1, 1])
    # Erratum 41: P(w_1) P(w_2|w_1) P(w_3|w_1, w_2) = 3/9 · 3/3 · 3/3
    assert model.perplexity([0, 1, 1]) == pytest.approx(3 ** (1 / 3), rel=1e-6)


@pytest.mark.parametrize("backoff", [True, False])
def test_much_smoothing_makes_all_tokens_alike_and_little_counts(backoff):
    ids = [0, 1, 0, 2, 0, 1]
    uniform = NGram(2, 3, 1e9, backoff).fit(ids).probabilities([0])
    np.testing.assert_allclose(uniform, 1 / 3, rtol=1e-8)
    frequencies = NGram(2, 3, 1e-9, backoff).fit(ids).probabilities([0])
    np.testing.assert_allclose(frequencies, [0, 2 / 3, 1 / 3], atol=1e-8)


def test_an_unseen_context_is_as_good_as_none():
    ids = [0, 1, 1, 2]
    model = NGram(3, 3).fit(ids)
    # 2 was followed by nothing, so neither was what ends in it.
    for context in ([2], [1, 2], [2, 2], [0, 1, 2]):
        np.testing.assert_array_equal(
            model.probabilities(context), NGram(1, 3).fit(ids).probabilities()
        )


def test_before_counting_every_token_is_as_probable():
    for model in (NGram(3, 4), NGram(3, 4).fit([])):
        assert model.probabilities([1, 2]).tolist() == [0.25] * 4
        assert model.perplexity([0, 3]) == pytest.approx(4)


def test_fitting_again_forgets_what_was_counted():
    again = NGram(2, 3).fit([0, 0, 0]).fit([1, 2])
    fresh = NGram(2, 3).fit([1, 2])
    np.testing.assert_array_equal(again.probabilities([1]), fresh.probabilities([1]))


def test_a_text_that_smoothing_underflows_for_has_no_finite_perplexity():
    assert NGram(3, 2, smoothing=1e-300).fit([0] * 9).perplexity([0, 0, 1]) == math.inf


def markov_source(rng, states):
    """The transitions of a chain, and its entropy rate in nats."""
    transitions = rng.dirichlet(np.full(states, 0.5), size=states)
    stationary = np.linalg.matrix_power(transitions, 1000)[0]
    surprise = -np.sum(transitions * np.log(transitions), axis=1)
    return transitions, float(stationary @ surprise)


def draw(rng, transitions, length):
    reached, ids = transitions.cumsum(axis=1), [0]
    for number in rng.random(length - 1):
        ids.append(
            int(np.searchsorted(reached[ids[-1]], number * reached[ids[-1], -1]))
        )
    return np.array(ids)


def test_more_text_of_a_known_source_comes_closer_to_its_entropy_rate():
    rng = np.random.default_rng(0)
    transitions, entropy = markov_source(rng, 5)
    text = draw(rng, transitions, 150_000)
    train, test = text[:100_000], text[100_000:]
    excess = [
        math.log(NGram(3, 5).fit(train[:length]).perplexity(test)) - entropy
        for length in (100, 1000, 10_000, 100_000)
    ]
    assert excess == sorted(excess, reverse=True)
    # The mean of 50,000 surprises strays from the rate by about 1 / sqrt(50,000).
    assert abs(excess[-1]) < 4 / math.sqrt(50_000)
    with_memory = NGram(2, 5).fit(train).perplexity(test)
    assert NGram(1, 5).fit(train).perplexity(test) > 1.1 * with_memory


def test_samples_follow_the_probabilities():
    model = NGram(2, 3, smoothing=0.5).fit([0, 1, 0, 2, 0, 1, 1])
    ids = model.sample(10_000, seed=0, prompt=[0])
    assert ids.dtype == np.int32
    assert ids.shape == (10_000,)
    for token in range(3):
        after = ids[1:][ids[:-1] == token]
        shares = np.bincount(after, minlength=3) / len(after)
        # Four standard deviations of a share.
        tolerance = 2 / math.sqrt(len(after))
        np.testing.assert_allclose(shares, model.probabilities([token]), atol=tolerance)


def test_the_same_seed_draws_the_same_sample():
    model = NGram(2, 9).fit(np.arange(9))
    assert model.sample(20, seed=1).tolist() == model.sample(20, seed=1).tolist()
    assert model.sample(20, seed=1).tolist() != model.sample(20, seed=2).tolist()
    assert model.sample(0, seed=1).tolist() == []


def test_a_sample_goes_on_from_the_prompt():
    model = NGram(3, 4, smoothing=1e-12).fit([0, 1, 2, 3] * 5)
    assert model.sample(5, seed=0, prompt=[1, 2]).tolist() == [3, 0, 1, 2, 3]


def test_codes_of_a_large_vocabulary_do_not_overflow():
    size = 2**31 - 1  # to the 6th power it has 186 bits
    text = np.arange(12) % 6 + size - 6
    model = NGram(6, size, smoothing=1e-12).fit(text)
    assert model.perplexity(text) < 2


def test_ids_of_16_bits_are_as_good_as_any():
    text = np.random.default_rng(0).integers(0, 60_000, 100)
    wide, narrow = NGram(3, 60_000).fit(text), NGram(3, 60_000)
    narrow.fit(text.astype(np.uint16))
    assert narrow.perplexity(text.astype(np.uint16)) == wide.perplexity(text)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((0, 3), "NGram needs `order` to be a positive int. Received: order=0."),
        ((1.0, 3), "NGram needs `order` to be a positive int. Received: order=1.0."),
        (
            (1, 0),
            "NGram needs `vocabulary_size` to be a positive int. Received: "
            "vocabulary_size=0.",
        ),
        (
            (1, 2, 0.0),
            "NGram needs `smoothing` to be more than 0, for no text to be impossible. "
            "Received: smoothing=0.0.",
        ),
        (
            (1, 2, math.nan),
            "NGram needs `smoothing` to be more than 0, for no text to be impossible. "
            "Received: smoothing=nan.",
        ),
    ],
)
def test_refuses_arguments_out_of_range(arguments, sentence):
    with pytest.raises(ValueError) as error:
        NGram(*arguments)
    assert str(error.value) == sentence


def test_refuses_ids_of_another_vocabulary():
    model = NGram(2, 3)
    for name in ("fit", "probabilities", "perplexity"):
        with pytest.raises(DataError) as error:
            getattr(model, name)([0, 3])
        assert str(error.value) == (
            f"NGram.{name} takes a row of ids from 0 to 2. Received: id 3. "
            "Encode the text with the vocabulary it belongs to."
        )


def test_refuses_the_perplexity_of_nothing():
    with pytest.raises(ValueError) as error:
        NGram(2, 3).perplexity([])
    assert str(error.value) == (
        "NGram.perplexity needs at least one token. Received: none."
    )
