"""Optimizers, learning rates and losses by name."""

import keras
import numpy as np
import pytest

from kerasheet.errors import RecipeError
from kerasheet.models import mlp
from kerasheet.training import Recipe
from kerasheet.training.optimizer import (
    OPTIMIZERS,
    SmoothedCrossEntropy,
    WarmUp,
    learning_rate,
)


def recipe(**fields):
    return Recipe("mlp", "digits", **fields)


def rates(steps=20, **arguments):
    rate = learning_rate(0.4, steps=steps, **arguments)
    return [float(rate(t)) if callable(rate) else rate for t in range(steps)]


def test_cosine_falls_from_the_rate_to_zero():
    expected = 0.4 * (1 + np.cos(np.pi * np.arange(20) / 20)) / 2
    np.testing.assert_allclose(rates(schedule="cosine"), expected, rtol=1e-5)


def test_step_falls_to_a_tenth_and_a_hundredth():
    expected = [0.4] * 10 + [0.04] * 5 + [0.004] * 5
    np.testing.assert_allclose(rates(schedule="step"), expected, rtol=1e-5)


@pytest.mark.parametrize("schedule", ["constant", "cosine", "step"])
def test_warm_up_reaches_every_schedule_little_by_little(schedule):
    plain, warm = rates(schedule=schedule), rates(schedule=schedule, warmup=4)
    shares = np.minimum((np.arange(20) + 1) / 4, 1)
    np.testing.assert_allclose(warm, np.array(plain) * shares, rtol=1e-5)


@pytest.mark.parametrize("rate", [0.1, keras.optimizers.schedules.CosineDecay(0.1, 5)])
def test_a_warm_up_survives_saving(rate):
    one = WarmUp(rate, 3)
    other = WarmUp.from_config(one.get_config())
    assert [float(one(t)) for t in range(6)] == [float(other(t)) for t in range(6)]


def step(optimizer, **fields):
    """Weights of a dense layer after steps on the same gradients of one."""
    layer = keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")
    layer.build((None, 1))
    made = recipe(optimizer=optimizer, learning_rate=0.1, **fields).make_optimizer(9)
    for _ in range(2):
        made.apply([np.ones((1, 1)), np.ones(1)], layer.trainable_variables)
    return [float(np.squeeze(weight)) for weight in layer.trainable_variables]


def test_weight_decay_leaves_biases_alone():
    kernel, bias = step("sgd", weight_decay=0.5)
    assert bias == pytest.approx(0.8)
    shrunk = (1 - 0.1 * 0.5) * 1 - 0.1
    assert kernel == pytest.approx((1 - 0.1 * 0.5) * shrunk - 0.1)


def test_momentum_takes_the_last_step_again():
    _, bias = step("sgd", momentum=0.9)
    assert bias == pytest.approx(1 - 0.1 - 0.1 * (1 + 0.9))


def test_clipping_bounds_all_gradients_together():
    kernel, bias = step("sgd", clip=1.0)
    assert kernel == bias == pytest.approx(1 - 2 * 0.1 / np.sqrt(2))


def test_accumulation_makes_one_step_of_several_batches():
    _, bias = step("sgd", accumulation=2)
    assert bias == pytest.approx(0.9)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_moves_the_weights(name):
    assert step(name) != [1.0, 1.0]


def test_smoothing_spreads_a_share_of_the_label():
    logits = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    labels = np.array([0, 2, 1, 1])
    ours = SmoothedCrossEntropy(0.1)(labels, logits)
    theirs = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    expected = theirs(np.eye(3)[labels], logits)
    assert float(ours) == pytest.approx(float(expected), rel=1e-5)
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    assert float(SmoothedCrossEntropy()(labels, logits)) == pytest.approx(float(plain))


def test_a_model_compiled_with_them_is_saved_and_loaded(tmp_path):
    model = mlp(input_shape=(2, 2, 1))
    optimizer = recipe(schedule="cosine", warmup=2).make_optimizer(5)
    model.compile(optimizer, SmoothedCrossEntropy(0.2))
    optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.loss.smoothing == 0.2
    assert (
        again.optimizer.get_config()["learning_rate"]
        == (optimizer.get_config()["learning_rate"])
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"label_smoothing": 1.0},
            "A recipe needs `label_smoothing` to be from 0 to below 1. "
            "Received: label_smoothing=1.0.",
        ),
        (
            {"optimizer": "adam", "momentum": 0.9},
            "The optimizer 'adam' has no `momentum`. Leave it out, or use sgd.",
        ),
        (
            {"precision": "float16"},
            "Unknown precision 'float16'. Did you mean 'float32'? Known: float32, "
            "mixed_float16, mixed_bfloat16.",
        ),
        (
            {"weight_decay": 0},
            "A recipe needs a positive `weight_decay`. Received: weight_decay=0.",
        ),
    ],
)
def test_refuses(fields, sentence):
    with pytest.raises(RecipeError) as error:
        recipe(**fields)
    assert str(error.value) == sentence
