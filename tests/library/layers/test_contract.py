"""Every public layer keeps Keras' contract, and ours where Keras' is silent."""

import inspect

import keras
import numpy as np
import pytest
from autodiff import (
    DTYPE,
    SLOPE_TOLERANCE,
    array,
    central_differences,
    compiled,
    gradients,
    height,
    mode,
    traced,
)
from layer_cases import CASES

from kerasheet import layers

every_layer = pytest.mark.parametrize("case", CASES, ids=str)


def samples(case, dtype="float32"):
    rng = np.random.default_rng(0)
    if case.ids:
        return rng.integers(case.ids, size=case.input_shape, dtype="int32")
    return rng.normal(size=case.input_shape).astype(dtype)


def without_batch(shape):
    """(None, ...) of a shape, or of each of several."""
    if isinstance(shape[0], tuple):
        return tuple(map(without_batch, shape))
    return (None, *shape[1:])


def assert_close(found, expected, **tolerance):
    """One answer, or each of several."""
    found, expected = keras.tree.flatten(found), keras.tree.flatten(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(array(one), array(other), **tolerance)


def shapes(outputs):
    return keras.tree.map_structure(lambda one: tuple(one.shape), outputs)


@every_layer
@pytest.mark.filterwarnings(
    "ignore:`shuffle=True` was passed:UserWarning",  # both are that test's own doing
    "ignore:The model does not have any trainable weights:UserWarning",
)
def test_passes_keras_own_layer_test(case, run_layer_test):
    run_layer_test(
        case.layer,
        init_kwargs=case.kwargs,
        input_shape=case.input_shape,
        input_dtype=case.input_dtype,
        expected_output_shape=case.output_shape,
        expected_num_trainable_weights=case.trainable,
        expected_num_non_trainable_weights=case.non_trainable,
        expected_num_seed_generators=int(case.random),
    )


@every_layer
def test_config_names_every_argument_and_rebuilds_the_layer(case):
    parameters = inspect.signature(case.layer.__init__).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    named = {p.name for p in parameters if p.kind in kinds} - {"self"}
    config = case.build().get_config()
    assert named <= config.keys()
    assert case.layer.from_config(config).get_config() == config


@every_layer
def test_at_most_six_arguments_are_positional(case):
    parameters = inspect.signature(case.layer).parameters.values()
    assert sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters) <= 6


@every_layer
def test_unknown_batch_size_gives_the_shape_of_a_known_one(case):
    unknown = keras.KerasTensor(without_batch(case.input_shape), case.input_dtype)
    assert shapes(case.build()(unknown)) == without_batch(case.output_shape)


@every_layer
def test_computed_output_shape_is_the_true_one(case):
    layer = case.build()
    assert shapes(layer(samples(case))) == case.output_shape
    assert tuple(layer.compute_output_shape(case.input_shape)) == case.output_shape


@every_layer
def test_reloaded_model_predicts_the_same(case, tmp_path):
    inputs = keras.Input(case.input_shape[1:], dtype=case.input_dtype)
    model = keras.Model(inputs, case.build()(inputs))
    x = samples(case)
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(reloaded(x), model(x), rtol=0, atol=0)


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_gradients_agree_with_central_differences(case, training):
    """For weights and inputs; a random layer is differentiated in inference."""
    layer = case.build(dtype=DTYPE)
    x = samples(case, DTYPE)
    layer.build(x.shape)
    rng = np.random.default_rng(1)
    for weight in layer.trainable_weights:  # a bias of 0 can sit on a ReLU's kink
        weight.assign(rng.normal(size=weight.shape))
    training = training and not case.random

    fixed = [v.value for v in layer.non_trainable_variables]
    forward = traced(
        lambda weights, x: layer.stateless_call(
            weights, fixed, x, **mode(layer, training)
        )[0]
    )

    def loss():
        weights = [v.value for v in layer.trainable_variables]
        return height(forward(weights, keras.ops.convert_to_tensor(x)))

    slopes = gradients(layer, x, training)
    along_x = None if case.ids else slopes.pop()
    for weight, slope in zip(layer.trainable_weights, slopes, strict=True):
        numeric = central_differences(loss, lambda w=weight: array(w), weight.assign)
        np.testing.assert_allclose(slope, numeric, **SLOPE_TOLERANCE)
    if along_x is None:
        return

    def write(moved):
        x[...] = moved

    numeric = central_differences(loss, x.copy, write)
    np.testing.assert_allclose(along_x, numeric, **SLOPE_TOLERANCE)


@every_layer
@pytest.mark.filterwarnings(
    "ignore:.*autograd.function.Function.*:DeprecationWarning",  # PyTorch's own, of
    "ignore:The .grad attribute of a Tensor:UserWarning",  # what its compiler does
)
@pytest.mark.parametrize("training", [False, True])
def test_compiled_answers_and_updates_equal_plain_ones(case, training):
    layer = case.build()
    x = keras.ops.convert_to_tensor(samples(case))
    layer.build(x.shape)
    training = training and not case.random
    state = [
        [v.value for v in variables]
        for variables in (layer.trainable_variables, layer.non_trainable_variables)
    ]

    def function(x):
        return layer.stateless_call(*state, x, **mode(layer, training))

    assert_close(compiled(function)(x), function(x), rtol=1e-5, atol=1e-6)


@every_layer
@pytest.mark.parametrize(
    ("policy", "rtol"),
    # Twice the spacing of numbers at 1, times the few roundings on the way.
    [("mixed_float16", 1e-2), ("mixed_bfloat16", 8e-2)],
)
@pytest.mark.parametrize("training", [False, True])
def test_mixed_precision_is_as_close_as_its_numbers_are(case, policy, rtol, training):
    exact, mixed = case.build(), case.build(dtype=policy)
    x = samples(case)
    exact.build(x.shape)
    mixed.build(x.shape)
    mixed.set_weights(exact.get_weights())
    training = training and not case.random
    outputs = mixed(x, training=training)
    for output in keras.tree.flatten(outputs):
        assert keras.backend.standardize_dtype(output.dtype) == policy.split("_")[1]
    assert {w.dtype for w in mixed.weights} <= {"float32"}
    assert_close(
        keras.tree.map_structure(lambda o: keras.ops.cast(o, "float32"), outputs),
        exact(x, training=training),
        rtol=rtol,
        atol=rtol,
    )


BUILT_IN = [case for case in CASES if case.built_in is not None]


@pytest.mark.parametrize("case", BUILT_IN, ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_agrees_with_the_keras_layer_of_the_same_meaning(case, training):
    ours, theirs = case.build(), case.built_in()
    x = samples(case)
    ours.build(x.shape)
    theirs(x)
    rng = np.random.default_rng(1)
    weights = [rng.uniform(0.5, 1.5, w.shape) for w in ours.weights]
    ours.set_weights(weights)
    theirs.set_weights([*weights, *theirs.get_weights()[len(weights) :]])
    training = training and not case.random
    answers = ours(x, training=training), theirs(x, training=training)
    assert_close(*answers, rtol=1e-5, atol=1e-6)
    for mine, other in zip(ours.weights, theirs.weights, strict=False):
        np.testing.assert_allclose(array(mine), array(other), rtol=1e-5, atol=1e-6)


@every_layer
def test_a_frozen_layer_stays_frozen_when_it_is_built_and_reloaded(case, tmp_path):
    inputs = keras.Input(case.input_shape[1:], dtype=case.input_dtype)
    model = keras.Model(inputs, case.build(trainable=False)(inputs))
    model.save(tmp_path / "model.keras")
    x = samples(case)
    for frozen in (model, keras.saving.load_model(tmp_path / "model.keras")):
        assert frozen.trainable_weights == []
        before = frozen.get_weights()
        frozen(x, training=True)
        for old, new in zip(before, frozen.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)


REGULARIZED = [case for case in CASES if hasattr(case.build(), "kernel_regularizer")]


@pytest.mark.parametrize("case", REGULARIZED, ids=str)
def test_a_penalty_on_the_kernel_is_in_the_loss_also_after_reloading(case):
    layer = case.build(kernel_regularizer=keras.regularizers.L2(0.25))
    again = case.layer.from_config(layer.get_config())
    for one in (layer, again):
        one.build(case.input_shape)
        expected = 0.25 * np.sum(np.square(array(one.kernel)))
        assert float(array(sum(one.losses))) == pytest.approx(expected, rel=1e-5)


def test_every_public_layer_has_a_row():
    public = {getattr(layers, name) for name in layers.__all__}
    assert {case.layer for case in CASES} == public
