"""The compiled loop behind generation."""

import gc
import weakref

import numpy as np
import pytest
import tensorflow as tf

from kerasheet.language import Vocabulary, draw, generate
from kerasheet.language.writer import writer
from kerasheet.models import rnn_lm, stateful

VOCABULARY = Vocabulary.build("abcdefg")
SETTINGS = tf.constant(1.0), tf.constant(7), tf.constant(0)


def language_model():
    return rnn_lm(classes=len(VOCABULARY), units=4, stddev=None)


def write(model, streams, *counts):
    """So many tokens at a time."""
    one, parts = writer(model), []
    logits, state = one.read(tf.ones((streams, 1), tf.int32), tf.zeros((streams, 1, 4)))
    for position, count in zip(np.cumsum([0, *counts]), counts, strict=False):
        tokens, logits, state = one.write(
            logits, state, tf.constant(int(position)), tf.constant(count), *SETTINGS
        )
        parts.append(tokens.numpy())
    return np.concatenate(parts, axis=1)


def test_the_same_tokens_come_however_many_at_a_time():
    model = language_model()
    whole = write(model, 3, 12)
    assert whole.shape == (3, 12)
    np.testing.assert_array_equal(write(model, 3, 1, 4, 7), whole)
    assert len({tuple(row) for row in whole}) > 1  # streams of their own


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_what_it_reads_of_a_token_is_what_the_model_does(layers, activation):
    model = rnn_lm(
        classes=8, units=4, num_layers=layers, activation=activation, stddev=0.5
    )
    model.get_layer("rnn").weights_of[0][0].bias.assign(np.linspace(-1, 1, 4))
    one = writer(model)
    logits, state = one.read(tf.constant([[1, 2], [3, 4]]), tf.zeros((2, layers, 4)))
    tokens, logits, state = one.write(
        logits, state, tf.constant(0), tf.constant(3), *SETTINGS
    )
    again, expected = stateful(model)(
        [tf.concat([[[1, 2], [3, 4]], tokens], 1), tf.zeros((2, layers, 4))]
    )
    np.testing.assert_allclose(logits, again[:, -1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state, expected, rtol=1e-5, atol=1e-6)


def test_a_model_is_traced_once_for_all_its_texts(monkeypatch):
    traced = []

    def noted(*arguments):
        traced.append(arguments)
        return draw(*arguments)

    monkeypatch.setattr("kerasheet.language.writer.draw", noted)
    model = language_model()
    counts = []
    for prompt, options in (("a", {}), ("bcd", {"temperature": 2.0, "top_k": 2})):
        list(generate(model, VOCABULARY, prompt, 20, **options))
        counts.append(len(traced))
    assert counts[0] == counts[1] > 0


def test_it_writes_with_the_weights_that_the_model_has_now():
    model = language_model()
    list(generate(model, VOCABULARY, "a", 5))
    certain = np.zeros(len(VOCABULARY), "float32")
    certain[3] = 100.0
    model.get_layer("logits").bias.assign(certain)
    assert list(generate(model, VOCABULARY, "a", 5)) == [VOCABULARY.tokens[3]] * 5


def test_a_model_that_has_written_can_be_forgotten():
    model = language_model()
    list(generate(model, VOCABULARY, "a", 2))
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
