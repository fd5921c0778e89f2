"""Writing with a language model."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasheet.errors import DataError
from kerasheet.language import Vocabulary, draw, generate
from kerasheet.models import rnn_lm, stateful
from kerasheet.training import Windows, fit_text

ALPHABET = "abcdefg "
VOCABULARY = Vocabulary.build(ALPHABET)


@pytest.fixture(scope="module")
def model():
    """Knows that the alphabet goes round and round."""
    keras.utils.set_random_seed(0)
    model = rnn_lm(classes=len(VOCABULARY), units=24, stddev=None)
    model.compile(keras.optimizers.Adam(0.02))
    fit_text(
        model, VOCABULARY.encode(ALPHABET * 60), Windows(16, 4), epochs=30, verbose=0
    )
    return model


def text(model, prompt="abc", length=20, **options):
    return "".join(generate(model, VOCABULARY, prompt, length, **options))


def test_it_writes_what_it_has_learned(model):
    assert text(model, temperature=0) == ("defg abc" * 3)[:20]


def test_the_likeliest_token_is_the_largest_logit_at_every_step(model):
    reader, state = stateful(model), tf.zeros((1, 1, 24))
    ids, expected = VOCABULARY.encode("fba"), []
    for _ in range(10):
        logits, state = reader([tf.constant(np.atleast_2d(ids)), state])
        ids = np.argmax(logits[0, -1, 1:]) + 1  # <unk> is never written
        expected.append(int(ids))
    assert text(model, "fba", 10, temperature=0) == VOCABULARY.decode(expected)


def test_the_same_seed_writes_the_same_and_another_something_else(model):
    hot = {"temperature": 5.0, "length": 40}
    assert text(model, seed=1, **hot) == text(model, seed=1, **hot)
    assert text(model, seed=1, **hot) != text(model, seed=2, **hot)


def test_tokens_come_one_by_one_as_they_are_drawn(model):
    tokens = generate(model, VOCABULARY, "abc", 10**9, temperature=0)
    assert list(itertools.islice(tokens, 3)) == ["d", "e", "f"]


def test_the_best_of_one_is_the_likeliest(model):
    assert text(model, temperature=3.0, top_k=1) == text(model, temperature=0)


def test_words_come_with_the_space_before_them():
    words = Vocabulary.build("to be or not to be", "words")
    model = rnn_lm(classes=len(words), units=4)
    tokens = list(generate(model, words, "to be", 5))
    assert all(token[0] == " " and token[1:] in words.tokens[1:] for token in tokens)


def test_draws_follow_the_softmax_of_logits_over_temperature():
    logits = np.array([[9.0, 1.0, 2.0, 0.0]], "float32")  # the first is <unk>
    draws = 20_000
    rows = tf.constant(np.repeat(logits, draws, axis=0))
    drawn = draw(rows, 2.0, 3, 0, 0).numpy()
    p = np.exp(logits[0, 1:] / 2)
    counts = np.bincount(drawn, minlength=4) / draws
    assert counts[0] == 0
    np.testing.assert_allclose(counts[1:], p / p.sum(), atol=0.02)
    best = draw(rows, 2.0, 2, 0, 0).numpy()
    assert set(best) == {1, 2}


def test_a_number_may_be_numpys(model):
    assert text(model, temperature=np.float64(0)) == text(model, temperature=0)


def test_the_vocabulary_of_another_model_is_refused(model):
    with pytest.raises(DataError) as error:
        list(generate(model, Vocabulary.build("ab"), "a", 5))
    assert str(error.value) == (
        "Generating with 'rnn_lm' needs its own vocabulary of 9 tokens. Received: one "
        "of 3."
    )


def test_a_prompt_of_no_words_is_refused():
    words = Vocabulary.build("to be or not to be", "words")
    with pytest.raises(DataError) as error:
        list(generate(rnn_lm(classes=len(words), units=4), words, " ", 5))
    assert str(error.value) == (
        "Generating needs a prompt of at least one token. Received: ' '."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"prompt": ""},
            "Generating needs a prompt of at least one token. Received: ''.",
        ),
        (
            {"length": 0},
            "Generating needs `length` to be a positive int. Received: 0.",
        ),
        (
            {"temperature": -0.5},
            "Generating needs `temperature` to be 0 or more. Received: -0.5.",
        ),
        (
            {"temperature": float("nan")},
            "Generating needs `temperature` to be 0 or more. Received: nan.",
        ),
        (
            {"seed": 2**31},
            "Generating needs `seed` to be an int of 32 bits. Received: 2147483648.",
        ),
        (
            {"top_k": 9},
            "Generating needs `top_k` from 1 to 8, the tokens of the vocabulary "
            "besides <unk>. Received: 9.",
        ),
        (
            {"top_k": 0},
            "Generating needs `top_k` from 1 to 8, the tokens of the vocabulary "
            "besides <unk>. Received: 0.",
        ),
    ],
)
def test_refuses_what_no_text_can_be_drawn_with(model, change, sentence):
    with pytest.raises(DataError) as error:
        text(model, **change)
    assert str(error.value) == sentence
