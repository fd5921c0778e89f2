"""Training on a text: what an epoch does, and how a text is measured."""

import importlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasheet import ops
from kerasheet.errors import DataError
from kerasheet.language import consecutive_windows, gather, random_windows
from kerasheet.models import rnn_lm, stateful
from kerasheet.training import Windows, fit_text, text_evaluator, text_sweep

MODULE = importlib.import_module("kerasheet.training.fit_text")
CLASSES = 5
IDS = np.random.default_rng(0).integers(1, CLASSES, size=400).astype("uint16")


def language_model(optimizer="sgd", num_layers=1):
    keras.utils.set_random_seed(0)
    model = rnn_lm(classes=CLASSES, units=6, num_layers=num_layers, stddev=0.5)
    model.compile(optimizer)
    return model


def by_hand(model, starts, steps, carry, clip=None):
    """An epoch in plain steps; the mean of the losses."""
    reader, losses, state = stateful(model), [], None
    for windows in gather(IDS, starts, steps):
        if state is None or not carry:
            state = tf.zeros((len(windows), *reader.inputs[1].shape[1:]))
        weights = model.trainable_variables
        with tf.GradientTape() as tape:
            logits, state = reader([tf.constant(windows[:, :-1]), state])
            loss = ops.cross_entropy(logits, windows[:, 1:], "mean")
        slopes = tape.gradient(loss, [weight.value for weight in weights])
        if clip:
            slopes = ops.clip_by_global_norm(slopes, clip)
        model.optimizer.apply([tf.convert_to_tensor(s) for s in slopes], weights)
        losses.append(float(loss))
    return np.mean(losses)


@pytest.mark.parametrize(
    ("sampling", "starts"),
    [("random", random_windows), ("consecutive", consecutive_windows)],
)
@pytest.mark.parametrize("clip", [None, 0.1])
def test_an_epoch_is_its_batches_one_after_the_other(sampling, starts, clip):
    """At this learning rate rounding stays; at 0.5 it grows a thousandfold."""
    compiled, plain = (
        language_model(keras.optimizers.SGD(0.1, global_clipnorm=clip)),
        language_model(keras.optimizers.SGD(0.1)),
    )
    windows = Windows(7, 4, sampling)
    history = fit_text(compiled, IDS, windows, epochs=2, seed=3, verbose=0).history
    for epoch in range(2):
        rng = np.random.default_rng((3, epoch))
        places = starts(len(IDS), 7, 4, rng)
        expected = by_hand(plain, places, 7, sampling == "consecutive", clip)
        assert history["loss"][epoch] == pytest.approx(expected, rel=1e-5)
        assert history["perplexity"][epoch] == pytest.approx(np.exp(expected), rel=1e-5)
    for one, other in zip(compiled.weights, plain.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-4, atol=1e-5)


def test_a_text_in_several_chunks_is_the_same(monkeypatch):
    """As a text on disk is read: a chunk at a time, the last one shorter."""
    whole, chunked = language_model(), language_model()
    fit_text(whole, IDS, Windows(5, 4, "consecutive"), epochs=1, verbose=0)
    monkeypatch.setattr(text_sweep, "CHUNK", 4)
    fit_text(chunked, IDS, Windows(5, 4, "consecutive"), epochs=1, verbose=0)
    for one, other in zip(whole.weights, chunked.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5, atol=1e-7)


def test_a_text_on_disk_trains_as_in_memory(tmp_path):
    IDS.tofile(tmp_path / "ids")
    on_disk = np.memmap(tmp_path / "ids", IDS.dtype, "r")
    models = language_model(), language_model()
    for model, ids in zip(models, (IDS, on_disk), strict=True):
        fit_text(model, ids, Windows(5, 4), epochs=2, verbose=0)
    for one, other in zip(models[0].weights, models[1].weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize("tokens", [2, 30, 33, 257, 400])
def test_measuring_counts_every_token_but_the_first_once(tokens, monkeypatch):
    """One stream is the text read from its start to its end."""
    monkeypatch.setattr(MODULE, "STREAMS", 1)
    model, ids = language_model(num_layers=2), IDS[:tokens].astype("int32")
    logits = model(ids[None, :-1])
    expected = float(ops.cross_entropy(logits, ids[None, 1:], "mean"))
    figures = text_evaluator(model)(ids)
    assert figures["loss"] == pytest.approx(expected, rel=1e-5)
    assert figures["perplexity"] == pytest.approx(np.exp(expected), rel=1e-5)


def test_measuring_in_streams_differs_only_by_where_the_state_is_zero():
    text = np.tile(IDS, 30)
    model = language_model()
    by_streams = text_evaluator(model)(text)["loss"]
    logits = model(text[None, :-1].astype("int32"))
    whole = float(ops.cross_entropy(logits, text[None, 1:].astype("int32"), "mean"))
    assert by_streams == pytest.approx(whole, rel=1e-2)
    assert by_streams != whole


def test_validation_stands_in_the_history_and_can_stop_training():
    stop = keras.callbacks.EarlyStopping("val_loss", patience=1)
    model = language_model(keras.optimizers.SGD(1e-9))
    history = fit_text(
        model,
        IDS,
        Windows(5, 4),
        epochs=50,
        validation_ids=IDS[:100],
        callbacks=[stop],
        verbose=0,
    ).history
    assert list(history) == ["loss", "perplexity", "val_loss", "val_perplexity"]
    assert len(history["loss"]) < 50


def test_the_loop_is_traced_once_however_many_epochs(monkeypatch):
    traces = []
    original = MODULE._mean_loss

    def counted(model):
        step = original(model)

        def traced(*arguments):
            traces.append(1)
            return step(*arguments)

        return traced

    monkeypatch.setattr(MODULE, "_mean_loss", counted)
    fit_text(language_model(), IDS, Windows(5, 4), epochs=6, verbose=0)
    assert len(traces) <= 2  # once, or twice if the loop's body is traced anew


def test_refuses_what_cannot_be_trained_or_measured():
    with pytest.raises(DataError) as error:
        fit_text(language_model(), IDS[:20], Windows(35, 32), epochs=1)
    assert str(error.value) == (
        "20 tokens are too few for a batch of 32 windows of 35 steps: it takes at "
        "least 1155. Give more text, or lower --steps or --batch-size."
    )
    with pytest.raises(DataError) as error:
        text_evaluator(language_model())(IDS[:1])
    assert str(error.value) == (
        "A text of 1 tokens has none to predict. Use a longer one."
    )
    with pytest.raises(ValueError) as error:
        fit_text(rnn_lm(classes=CLASSES), IDS, Windows(5, 4), epochs=1)
    assert str(error.value) == "Model 'rnn_lm' is not compiled: call compile() first."


@pytest.mark.parametrize("xla", [True, False])
@pytest.mark.parametrize("wrong", [CLASSES, -1])
def test_ids_that_the_model_does_not_know_are_refused_before_a_weight_changes(
    wrong, xla
):
    model, ids = language_model(), IDS.astype("int32")
    before, ids[123] = model.get_weights(), wrong
    for owner, read in (
        ("fit_text", lambda: fit_text(model, ids, Windows(5, 4), epochs=1, xla=xla)),
        ("Measuring a text", lambda: text_evaluator(model, xla)(ids)),
    ):
        with pytest.raises(DataError) as error:
            read()
        assert str(error.value) == (
            f"{owner} takes a row of ids from 0 to 4. Received: id {wrong}. Encode the "
            "text with the vocabulary it belongs to."
        )
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("sampling", ["random", "consecutive"])
def test_a_text_is_learned_in_mixed_precision(sampling):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = language_model()
    finally:
        keras.config.set_dtype_policy("float32")
    windows = Windows(5, 4, sampling)
    history = fit_text(model, IDS, windows, epochs=3, validation_ids=IDS, verbose=0)
    losses = history.history["loss"]
    assert losses[-1] < losses[0]
