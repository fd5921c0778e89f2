"""XLA on or off: by the rule, or forced, with the same figures."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasheet.data import Examples
from kerasheet.errors import RecipeError, TrainingError
from kerasheet.models import MODELS, rnn_lm
from kerasheet.training import (
    Recipe,
    Windows,
    default_recipe,
    evaluate_run,
    fit,
    fit_text,
    guard,
    loop,
    read_run,
    train,
)
from kerasheet.training.batches import run_pass
from kerasheet.training.compilation import compile_text, image_setting
from kerasheet.training.sweep import Sweep
from kerasheet.training.text_graph import TextGraph

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
RECIPE = default_recipe("softmax_regression", "digits", epochs=2, seed=3)


def build(name, xla, optimizer=None, shape=(28, 28, 1)):
    keras.utils.set_random_seed(1)
    model = MODELS[name](shape, 3)
    optimizer = optimizer or keras.optimizers.SGD(0.01, momentum=0.9)
    model.compile(optimizer, LOSS, metrics=["accuracy"], jit_compile=xla)
    return model


def samples(count, shape=(28, 28, 1)):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, *shape)).astype("float32")
    return x, rng.integers(0, 3, count).astype("int32")


def must_compile(function, *arguments):
    """How many functions in a graph XLA is told to compile."""
    concrete = function.get_concrete_function(*arguments)
    called = concrete.graph.as_graph_def().library.function
    every = [concrete.function_def, *called]
    return sum(one.attr["_XlaMustCompile"].b for one in every)


def sweep_of(model):
    sweep = Sweep(model, model.train_step, Examples(*samples(10)), 4)
    model.optimizer.build(model.trainable_variables)
    return sweep


@pytest.mark.parametrize(("xla", "count"), [(True, 1), (False, 0), ("auto", 0)])
def test_the_step_is_compiled_where_the_model_says_so_and_a_processor_goes_without(
    xla, count
):
    sweep = sweep_of(build("softmax_regression", xla))
    run_pass(sweep)
    numbers = sweep.before, tf.constant(0), tf.constant(3)
    assert must_compile(sweep.batches, sweep.source, *numbers) == count


@pytest.mark.parametrize(("xla", "count"), [(True, 1), (False, 0), (None, 1)])
def test_the_loop_over_a_text_is_compiled_unless_forced_not_to(xla, count):
    model = rnn_lm(classes=4, units=3)
    graph = TextGraph(
        model, lambda x, y, state: (0.0, state, ()), 2, carry=True, xla=xla
    )
    tokens = tf.zeros((3, 2, 6), tf.int32)
    numbers = tf.constant(0), tf.constant(3)
    assert must_compile(graph.run, tokens, *numbers, *graph.start) == count


def test_the_rule_leaves_images_to_keras_and_compiles_text():
    assert [image_setting(forced) for forced in (None, True, False)] == [
        "auto",
        True,
        False,
    ]
    assert [compile_text(forced) for forced in (None, True, False)] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("name", ["softmax_regression", "mlp", "lenet_batch_norm"])
def test_losses_are_the_same_on_and_off_also_with_a_smaller_last_batch(name):
    """To 1e-5: XLA adds the same numbers in another order."""
    histories = [
        fit(
            build(name, xla),
            *samples(56),
            batch_size=24,
            epochs=3,
            validation_data=samples(6),
            verbose=0,
        ).history
        for xla in (True, False)
    ]
    for figure, values in histories[0].items():
        assert values == pytest.approx(histories[1][figure], rel=1e-5)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.AdamW(1e-2, weight_decay=0.1),
        lambda: keras.optimizers.SGD(0.1, gradient_accumulation_steps=2),
        lambda: keras.optimizers.SGD(0.1, global_clipnorm=0.1),
        lambda: keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 9)),
    ],
    ids=["adamw", "accumulation", "clip", "schedule"],
)
def test_every_optimizer_steps_alike_on_and_off(optimizer):
    losses = [
        fit(
            build("mlp", xla, optimizer(), (4, 4, 1)),
            *samples(10, (4, 4, 1)),
            batch_size=2,
            epochs=2,
            verbose=0,
        ).history["loss"]
        for xla in (True, False)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_losses_of_a_text_are_the_same_on_and_off():
    ids = np.random.default_rng(0).integers(5, size=200)
    losses = []
    for xla in (True, False):
        keras.utils.set_random_seed(1)
        model = rnn_lm(classes=5, units=4)
        model.compile(keras.optimizers.SGD(0.1))
        history = fit_text(
            model,
            ids,
            Windows(5, 4),
            epochs=3,
            validation_ids=ids,
            verbose=0,
            xla=xla,
        ).history
        losses.append([*history["loss"], *history["val_loss"]])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_loss_that_is_no_number_stops_also_under_xla():
    model = build("mlp", True, keras.optimizers.SGD(1e38))
    with pytest.raises(TrainingError, match=r"in epoch 1, step [23] of 3\."):
        fit(model, *samples(12), batch_size=4, epochs=2, verbose=0)


def test_a_resumed_training_ends_the_same_under_xla(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)
    monkeypatch.setattr(guard, "SECONDS", 0.0)
    recipe = dataclasses.replace(RECIPE, model="mlp_dropout", accumulation=2, xla=True)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path / "stopped", callbacks=[Interrupt()])
    resumed = train(recipe, tmp_path / "stopped", resume=True)
    whole = train(recipe, tmp_path / "whole")
    assert resumed.history() == whole.history()
    pairs = zip(resumed.load_model().weights, whole.load_model().weights, strict=True)
    for one, two in pairs:
        np.testing.assert_array_equal(one.numpy(), two.numpy())


class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


@pytest.mark.parametrize("xla", [True, False])
def test_a_run_in_float16_is_read_with_its_optimizer(xla, tmp_path):
    """Keras scales the loss of its own accord, but forgets so in the file."""
    recipe = dataclasses.replace(RECIPE, precision="mixed_float16", epochs=1, xla=xla)
    optimizer = train(recipe, tmp_path / "run").load_model().optimizer
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert int(optimizer.inner_optimizer.iterations) == 23


@keras.saving.register_keras_serializable(package="kerasheet_tests")
class ThroughPython(keras.layers.Layer):
    """Does what XLA cannot."""

    def call(self, inputs):
        outputs = tf.numpy_function(lambda array: array, [inputs], tf.float32)
        return tf.ensure_shape(outputs, inputs.shape)


def test_what_xla_cannot_compile_is_a_sentence():
    inputs = keras.Input((3,))
    outputs = keras.layers.Dense(3)(ThroughPython()(inputs))
    model = keras.Model(inputs, outputs, name="odd")
    model.compile("sgd", LOSS, jit_compile=True)
    with pytest.raises(TrainingError) as error:
        fit(model, *samples(4, (3,)), batch_size=2, epochs=1, verbose=0)
    assert str(error.value) == (
        "XLA cannot compile the operation PyFunc of model 'odd'. Leave it off: "
        "jit_compile=False in model.compile, --no-xla on the command line."
    )


def test_a_recipe_without_xla_is_still_read_and_chooses(tmp_path):
    run = train(dataclasses.replace(RECIPE, epochs=1), tmp_path / "run")
    fields = json.loads((run.path / "recipe.json").read_text())
    assert fields.pop("xla") is None
    (run.path / "recipe.json").write_text(json.dumps(fields))
    assert read_run(run.path).recipe == run.recipe


def test_a_run_is_evaluated_by_the_rule_of_the_machine_not_of_its_training(tmp_path):
    run = train(dataclasses.replace(RECIPE, epochs=1, xla=True), tmp_path / "run")
    assert run.load_model().jit_compile
    chosen = dataclasses.replace(run, recipe=dataclasses.replace(run.recipe, xla=None))
    loss = evaluate_run(chosen)["loss"]
    assert loss == pytest.approx(evaluate_run(run)["loss"], rel=1e-5)


def test_a_recipe_refuses_what_is_neither_on_nor_off():
    with pytest.raises(RecipeError) as error:
        Recipe("mlp", "digits", xla="on")
    assert str(error.value) == (
        "A recipe needs `xla` to be true, false, or null to choose. Received: xla='on'."
    )
