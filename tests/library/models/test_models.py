"""Every architecture: counts, inputs, saving, compiling, precision, refusals."""

import keras
import numpy as np
import pytest
from autodiff import array, compiled
from model_cases import ALIASES, CASES

from kerasheet import models

every_model = pytest.mark.parametrize("case", CASES, ids=str)


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def images(case, samples=2, channels=1):
    shape = (samples, case.small, case.small, channels)
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def test_every_model_has_a_row():
    """`rnn_lm` reads text: test_rnn_lm.py."""
    rows = {case.name for case in CASES}
    assert rows | set(ALIASES) | {"rnn_lm"} == set(models.MODELS)


@every_model
def test_parameter_counts_are_the_published_ones(case):
    model = case.build_published()
    assert count(model.trainable_weights) == case.trainable
    assert count(model.non_trainable_weights) == case.moving


@pytest.mark.parametrize("name", ALIASES)
def test_an_architecture_without_its_depth_is_the_books(name):
    shape = (33, 33, 1)
    alias = models.MODELS[name](input_shape=shape)
    book = models.MODELS[ALIASES[name]](input_shape=shape)
    assert [w.path for w in alias.weights] == [w.path for w in book.weights]
    assert [w.shape for w in alias.weights] == [w.shape for w in book.weights]


@every_model
def test_only_our_layers_are_used(case):
    allowed = ("kerasheet.layers.", "keras.src.ops.", "keras.src.layers.core.input_")
    for layer in case.build().layers:
        assert type(layer).__module__.startswith(allowed)


@every_model
def test_color_images_and_any_number_of_classes_work(case):
    model = case.build(channels=3, classes=7)
    assert [tensor.name for tensor in model.inputs] == ["images"]
    logits = array(model(images(case, channels=3)))
    assert logits.shape == (2, 7)
    assert not np.allclose(logits.sum(axis=1), 1)


@pytest.mark.parametrize("case", [c for c in CASES if c.smallest > 1], ids=str)
def test_the_smallest_image_works_and_a_smaller_one_is_refused(case):
    name = "lenet" if case.name.startswith("lenet") else case.name
    name = name.split("_")[0] if name.startswith("vgg") else name
    build = models.MODELS[case.name]
    build(input_shape=(case.smallest, case.smallest, 1))
    with pytest.raises(ValueError) as error:
        build(input_shape=(case.smallest, case.smallest - 1, 1))
    assert str(error.value) == (
        f"{name} needs images of at least {case.smallest}×{case.smallest} pixels. "
        f"Received: input_shape=({case.smallest}, {case.smallest - 1}, 1)."
    )


@every_model
def test_images_need_not_be_square(case):
    size = max(case.small, 33)
    model = models.MODELS[case.name](input_shape=(size, size + 5, 1), classes=3)
    assert model.output_shape == (None, 3)


@every_model
def test_reloaded_model_predicts_the_same(case, tmp_path):
    model = case.build()
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    x = images(case)
    np.testing.assert_array_equal(array(reloaded(x)), array(model(x)))


@every_model
def test_compiled_answers_equal_plain_ones(case):
    model = case.build()
    x = keras.ops.convert_to_tensor(images(case))
    state = [
        [v.value for v in model.trainable_variables],
        [v.value for v in model.non_trainable_variables],
    ]

    def function(x):
        return model.stateless_call(*state, x, training=False)[0]

    np.testing.assert_allclose(
        array(compiled(function)(x)), array(model(x)), rtol=1e-4, atol=1e-5
    )


@every_model
@pytest.mark.parametrize(
    ("policy", "tolerance"), [("mixed_float16", 2e-2), ("mixed_bfloat16", 1e-1)]
)
def test_mixed_precision_gives_nearly_the_same_logits(case, policy, tolerance):
    """Relative to the largest logit; dozens of roundings lie on the way."""
    exact = case.build()
    keras.config.set_dtype_policy(policy)
    try:
        mixed = case.build()
    finally:
        keras.config.set_dtype_policy("float32")
    mixed.set_weights(exact.get_weights())
    x = images(case)
    expected = array(exact(x))
    logits = array(keras.ops.cast(mixed(x), "float32"))
    assert {w.dtype for w in mixed.weights} == {"float32"}
    assert np.abs(logits - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: models.vgg(depth=12),
            "vgg needs `depth` to be one of 11, 13, 16, 19. Received: depth=12.",
        ),
        (
            lambda: models.vgg(width_divisor=3),
            "vgg needs `width_divisor` to divide its 64 first filters. "
            "Received: width_divisor=3.",
        ),
        (
            lambda: models.resnet(depth=50),
            "resnet needs `depth` to be one of 18, 34. Received: depth=50.",
        ),
        (
            lambda: models.mlp(hidden_units=(8, 8), dropout_rates=(0.5,)),
            "mlp needs one dropout rate per hidden layer, or none. Received: "
            "hidden_units=(8, 8), dropout_rates=(0.5,).",
        ),
    ],
)
def test_refuses_an_argument_it_does_not_know(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == sentence


def test_nin_may_leave_its_logits_unclipped():
    x = np.random.default_rng(0).normal(size=(4, 67, 67, 1)).astype("float32")
    clipped, free = (
        models.nin((67, 67, 1), final_relu=final_relu) for final_relu in (True, False)
    )
    free.set_weights(clipped.get_weights())
    np.testing.assert_array_equal(array(clipped(x)) >= 0, True)
    assert (array(free(x)) < 0).any()
