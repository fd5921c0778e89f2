"""Errata of §7.1 to §7.6: as the sheet writes it, and as it must be."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasheet import ops
from kerasheet.language import NGram, consecutive_windows, random_windows
from kerasheet.layers import SimpleRNN
from kerasheet.models import rnn_lm, stateful
from kerasheet.training import Windows, fit_text

TEXT = np.tile(np.arange(1, 5, dtype="int32"), 30)
"""1 2 3 4 1 2 3 4 …, which a model can learn by heart."""


def language_model(optimizer, units=8):
    keras.utils.set_random_seed(0)
    model = rnn_lm(classes=5, units=units, stddev=0.5)
    model.compile(optimizer)
    return model


def test_errata_41_near_the_start_an_n_gram_conditions_on_what_there_is():
    """The sheet's t - (n - 1) would be before the first word; it has no estimate."""
    ids = np.array([1, 2, 1, 3, 1, 2])
    model = NGram(3, vocabulary_size=4, smoothing=1.0, backoff=False).fit(ids)
    smoothed = [(1 + count) / (6 + 4) for count in (0, 3, 2, 1)]
    np.testing.assert_allclose(model.probabilities([]), smoothed)
    after_1 = [(1 + count) / (3 + 4) for count in (0, 0, 2, 1)]
    np.testing.assert_allclose(model.probabilities([1]), after_1)
    after_12 = [(1 + count) / (1 + 4) for count in (0, 1, 0, 0)]
    np.testing.assert_allclose(model.probabilities([1, 2]), after_12)
    np.testing.assert_allclose(model.probabilities([3, 3, 1, 2]), after_12)
    chances = [smoothed[1], after_1[2]]
    expected = np.exp(-np.mean(np.log(chances)))
    assert model.perplexity(np.array([1, 2])) == pytest.approx(expected)


def test_errata_42_random_windows_do_not_overlap_and_begin_at_a_random_offset():
    """10,000 tokens are 285 windows of 35, of which 8 batches of 32 use 256."""
    assert (10_000 - 1) // 35 == 285
    seen = set()
    for seed in range(20):
        starts = random_windows(10_000, 35, 32, np.random.default_rng(seed))
        assert starts.shape == (8, 32)
        assert set(np.diff(np.sort(starts.ravel()))) <= set(range(35, 10_000, 35))
        seen.add(starts.min() % 35)
    assert len(seen) > 5
    assert seen <= set(range(35))


def test_errata_43_consecutive_batches_are_in_the_order_of_the_text():
    starts = consecutive_windows(10_000, 35, 32, np.random.default_rng(0))
    assert starts.shape == (8, 32)
    assert set(np.diff(starts, axis=0).ravel()) == {35}
    assert len(set(np.diff(starts[0]))) == 1


def test_errata_44_between_batches_the_state_passes_and_the_gradient_does_not():
    """Each batch has a tape of its own: its cost does not grow with those before."""
    ids = TEXT[: 2 * 6 + 1 + 5]
    trained, by_hand = language_model("sgd"), language_model("sgd")
    rng = np.random.default_rng((0, 0))
    starts = consecutive_windows(len(ids), 6, 1, rng)[:, 0]
    assert len(starts) == 2
    windows = Windows(6, 1, "consecutive")
    fit_text(trained, ids, windows, epochs=1, seed=0, verbose=0)
    reader = stateful(by_hand)
    first = tf.zeros((1, 1, 8))
    for start in starts:
        window = tf.constant(ids[None, start : start + 7])
        with tf.GradientTape() as tape:
            tape.watch(first)
            logits, last = reader([window[:, :-1], first])
            loss = ops.cross_entropy(logits, window[:, 1:], "mean")
        *slopes, along_first = tape.gradient(
            loss, [*(w.value for w in by_hand.trainable_variables), first]
        )
        by_hand.optimizer.apply(
            [tf.convert_to_tensor(s) for s in slopes], by_hand.trainable_variables
        )
        first = last
    assert np.abs(along_first).max() > 1e-4  # what is cut off is not nothing
    for one, other in zip(trained.weights, by_hand.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=1e-6)


def test_errata_45_all_gradients_are_one_vector_to_clip():
    gradients = [np.array([3.0]), np.array([[4.0, 0.0]])]  # of length 5 together
    both = np.concatenate(
        [g.numpy().ravel() for g in ops.clip_by_global_norm(gradients, 1.0)]
    )
    np.testing.assert_allclose(both, [0.6, 0.8, 0.0])
    each = np.concatenate([g.ravel() / np.linalg.norm(g) for g in gradients])
    np.testing.assert_allclose(each, [1.0, 1.0, 0.0])  # another direction
    [zero] = ops.clip_by_global_norm([np.zeros(2)], 1.0)
    np.testing.assert_array_equal(zero, 0)  # θ/0 is not asked for
    small = [np.array([1e-9])]
    [vanished] = ops.clip_by_global_norm(small, 1.0)
    np.testing.assert_array_equal(vanished, small[0])  # no help


def test_errata_46_perplexity_may_exceed_the_number_of_classes():
    """Between 1 and the number of classes lies a useful model, not any model."""
    logits = np.array([[5.0, 0.0, 0.0]], "float32")
    assert float(ops.perplexity(logits, [1])) > 3
    assert 1 < float(ops.perplexity(logits, [0])) < 3


def test_errata_47_outputs_and_labels_must_be_flattened_in_the_same_order():
    """The sheet's view is (steps · batch, units): time first."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 3, 4)).astype("float32")  # (batch, steps, classes)
    labels = rng.integers(4, size=(2, 3))
    right = ops.cross_entropy(logits, labels, "mean")
    time_major = logits.swapaxes(0, 1).reshape(-1, 4)
    same = ops.cross_entropy(time_major, labels.T.ravel(), "mean")
    mixed = ops.cross_entropy(time_major, labels.ravel(), "mean")
    assert float(same) == pytest.approx(float(right), rel=1e-6)
    assert abs(float(mixed) - float(right)) > 0.01


@pytest.mark.parametrize("bidirectional", [False, True])
def test_errata_48_a_backward_direction_sees_the_answer(bidirectional):
    layer = SimpleRNN(4, bidirectional=bidirectional)
    x = tf.constant(np.random.default_rng(0).normal(size=(1, 5, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs, _ = layer(x)
        now = tf.reduce_sum(outputs[:, 2])
    later = np.abs(tape.gradient(now, x).numpy()[:, 3:])
    assert (later.max() > 1e-3) == bidirectional


def test_errata_48_a_bidirectional_language_model_is_refused():
    with pytest.raises(ValueError) as error:
        rnn_lm(bidirectional=True)
    assert str(error.value) == (
        "rnn_lm reads forward only: a backward direction would see the very token "
        "that it is to predict, score a perplexity near 1 and generate nonsense. Use "
        "SimpleRNN(bidirectional=True) to encode or tag whole sequences."
    )


def test_errata_49_a_recurrent_network_can_work_without_clipping():
    model = language_model(keras.optimizers.Adam(0.02))
    windows = Windows(5, 4)
    history = fit_text(model, TEXT, windows, epochs=40, seed=0, verbose=0).history
    assert history["perplexity"][0] > 3
    assert history["perplexity"][-1] < 1.1
