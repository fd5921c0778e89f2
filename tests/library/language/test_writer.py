"""The compiled loop behind generation."""

import gc
import weakref

import numpy as np
import tensorflow as tf

from kerasheet.language import Vocabulary, generate
from kerasheet.language.writer import writer
from kerasheet.models import rnn_lm

VOCABULARY = Vocabulary.build("abcdefg")
SETTINGS = tf.constant(1.0), tf.constant(7), tf.constant(0)


def language_model():
    return rnn_lm(classes=len(VOCABULARY), units=4, stddev=None)


def write(model, streams, *counts):
    """So many tokens at a time."""
    ids, state, parts = tf.ones((streams, 1), tf.int32), tf.zeros((streams, 1, 4)), []
    for position, count in zip(np.cumsum([0, *counts]), counts, strict=False):
        tokens, state = writer(model)(
            ids, state, tf.constant(int(position)), tf.constant(count), *SETTINGS
        )
        ids = tokens[:, -1:]
        parts.append(tokens.numpy())
    return np.concatenate(parts, axis=1)


def test_the_same_tokens_come_however_many_at_a_time():
    model = language_model()
    whole = write(model, 3, 12)
    assert whole.shape == (3, 12)
    np.testing.assert_array_equal(write(model, 3, 1, 4, 7), whole)
    assert len({tuple(row) for row in whole}) > 1  # streams of their own


def test_a_model_is_traced_once_for_all_its_texts():
    model = language_model()
    for prompt, options in (("a", {}), ("bcd", {"temperature": 2.0, "top_k": 2})):
        list(generate(model, VOCABULARY, prompt, 20, **options))
    assert writer(model).experimental_get_tracing_count() == 1


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
