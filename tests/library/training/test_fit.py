"""fit: one graph an epoch that trains exactly as Keras does."""

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet.models import lenet, mlp
from kerasheet.training import evaluate, fit


def compiled(model, optimizer="sgd"):
    model.compile(
        optimizer,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def small_mlp():
    return compiled(mlp((4, 4, 1), 3, hidden_units=(5,)))


def samples(count):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 4, 4, 1)).astype("float32")
    return x, rng.integers(0, 3, count).astype("int32")


def test_one_batch_an_epoch_gives_the_weights_of_keras_fit():
    x, y = samples(8)
    ours, theirs = small_mlp(), small_mlp()
    theirs.set_weights(ours.get_weights())
    fit(ours, x, y, batch_size=8, epochs=5, verbose=0)
    theirs.fit(x, y, batch_size=8, epochs=5, verbose=0)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


def test_every_sample_is_seen_once_an_epoch_also_in_a_smaller_last_batch():
    """With a step of zero the mean loss over an epoch is the loss of all samples."""
    x, y = samples(10)
    model = compiled(mlp((4, 4, 1), 3), keras.optimizers.SGD(0.0))
    history = fit(model, x, y, batch_size=4, epochs=2, verbose=0).history
    expected = model.evaluate(x, y, verbose=0, return_dict=True)
    for name, value in expected.items():
        assert history[name] == pytest.approx([value, value], rel=1e-5)
    assert evaluate(model, x, y, batch_size=4) == pytest.approx(expected, rel=1e-5)
    assert int(model.optimizer.iterations) == 6


def test_same_seed_gives_the_same_weights_and_another_seed_others():
    def weights(seed):
        keras.utils.set_random_seed(seed)
        model = compiled(lenet((28, 28, 1), 3, batch_norm=True), "adam")
        rng = np.random.default_rng(0)
        x = rng.normal(size=(64, 28, 28, 1)).astype("float32")
        y = rng.integers(0, 3, 64).astype("int32")
        fit(model, x, y, batch_size=16, epochs=2, verbose=0)
        return model.get_weights()

    first, again, other = weights(1), weights(1), weights(2)
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first[0], other[0])


class Recorder(keras.callbacks.Callback):
    """Notes what it is called with."""

    def __init__(self, stop_after=None):
        super().__init__()
        self.calls, self.stop_after = [], stop_after

    def on_train_begin(self, logs=None):
        self.calls.append("begin")

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append((epoch, sorted(logs)))
        self.model.stop_training = epoch == self.stop_after

    def on_train_end(self, logs=None):
        self.calls.append("end")


def test_callbacks_see_every_epoch_and_may_stop_the_training():
    x, y = samples(8)
    recorder = Recorder(stop_after=1)
    history = fit(
        small_mlp(),
        x,
        y,
        batch_size=4,
        epochs=9,
        validation_data=(x, y),
        callbacks=[recorder],
        verbose=0,
    )
    names = ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert recorder.calls == ["begin", (0, names), (1, names), "end"]
    assert history.epoch == [0, 1]
    assert sorted(history.history) == names


def test_keras_own_callbacks_work():
    x, y = samples(8)
    stopping = keras.callbacks.EarlyStopping("loss", patience=0, min_delta=1e9)
    history = fit(
        small_mlp(), x, y, batch_size=4, epochs=9, callbacks=[stopping], verbose=0
    )
    assert len(history.epoch) == 2


def test_refuses_a_model_that_is_not_compiled():
    with pytest.raises(ValueError) as error:
        fit(mlp((4, 4, 1), 3), *samples(4), batch_size=2, epochs=1)
    assert str(error.value) == "Model 'mlp' is not compiled: call compile() first."


def test_refuses_labels_that_do_not_match_the_samples():
    x, y = samples(4)
    with pytest.raises(ValueError) as error:
        fit(small_mlp(), x, y[:3], batch_size=2, epochs=1)
    assert str(error.value) == (
        "Training needs as many labels as samples, and at least one. "
        "Received: 4 samples and 3 labels."
    )


@pytest.mark.parametrize(
    ("name", "value"), [("batch_size", 0), ("batch_size", 2.5), ("epochs", -1)]
)
def test_refuses_what_is_not_a_positive_count(name, value):
    with pytest.raises(ValueError) as error:
        fit(small_mlp(), *samples(4), **{"batch_size": 2, "epochs": 1, name: value})
    assert str(error.value) == (
        f"Training needs `{name}` to be a positive int. Received: {name}={value}."
    )


def test_a_batch_larger_than_the_data_is_all_of_it():
    history = fit(small_mlp(), *samples(4), batch_size=10**30, epochs=1, verbose=0)
    assert history.epoch == [0]


def test_ordinary_keras_fit_trains_our_layers():
    x, y = samples(64)
    model = small_mlp()
    losses = model.fit(x, y, batch_size=16, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert array(model(x)).shape == (64, 3)
