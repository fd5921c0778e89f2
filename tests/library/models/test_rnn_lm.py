"""The language model: sizes, state, saving, compiling, precision, refusals."""

import keras
import numpy as np
import pytest
from autodiff import array, compiled

from kerasheet.models import mlp, rnn_lm, stateful
from kerasheet.training import Windows, fit_text

CLASSES, UNITS = 7, 8


def small(num_layers=2, **arguments):
    return rnn_lm(classes=CLASSES, units=UNITS, num_layers=num_layers, **arguments)


def ids(batch=3, steps=6):
    return np.random.default_rng(0).integers(
        CLASSES, size=(batch, steps), dtype="int32"
    )


@pytest.mark.parametrize(
    ("classes", "units", "parameters"), [(1027, 256, 592_643), (28, 512, 291_356)]
)
def test_parameter_counts_are_the_published_ones(classes, units, parameters):
    assert rnn_lm(classes=classes, units=units).count_params() == parameters


def test_reading_in_pieces_with_the_state_handed_on_is_reading_at_once():
    model = small(stddev=None)
    reader, state, pieces = stateful(model), keras.ops.zeros((3, 2, UNITS)), []
    for first in range(0, 6, 2):
        piece = keras.ops.convert_to_tensor(ids()[:, first : first + 2])
        logits, state = reader([piece, state])
        pieces.append(array(logits))
    whole = array(model(ids()))
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=1e-6)


def test_a_model_that_was_stateful_shares_its_weights():
    model = small()
    reader = stateful(model)
    assert [w.path for w in reader.weights] == [w.path for w in model.weights]
    model.weights[0].assign(model.weights[0] + 1)
    zeros = np.zeros((3, 2, UNITS), "float32")
    np.testing.assert_array_equal(array(reader([ids(), zeros])[0]), array(model(ids())))


def test_an_answer_does_not_depend_on_what_comes_later():
    model, changed = small(stddev=None), ids()
    changed[:, 4:] = (changed[:, 4:] + 1) % CLASSES
    before, after = array(model(ids())), array(model(changed))
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert np.abs(before[:, 4:] - after[:, 4:]).min() > 0


def test_reloaded_model_predicts_the_same_also_with_a_state(tmp_path):
    model = small()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(again(ids())), array(model(ids())))
    inputs = [ids(), np.ones((3, 2, UNITS), "float32")]
    for one, other in zip(
        stateful(again)(inputs), stateful(model)(inputs), strict=True
    ):
        np.testing.assert_array_equal(array(one), array(other))


def test_compiled_answers_equal_plain_ones():
    model = small(stddev=None)
    answers = compiled(lambda x: model(x))(keras.ops.convert_to_tensor(ids()))
    np.testing.assert_allclose(array(answers), array(model(ids())), atol=1e-6)


@pytest.mark.parametrize(
    ("policy", "tolerance"), [("mixed_float16", 2e-2), ("mixed_bfloat16", 1e-1)]
)
def test_mixed_precision_trains_and_gives_nearly_the_same_logits(policy, tolerance):
    exact = small(stddev=None)
    keras.config.set_dtype_policy(policy)
    try:
        mixed = small(stddev=None)
    finally:
        keras.config.set_dtype_policy("float32")
    mixed.set_weights(exact.get_weights())
    expected = array(exact(ids()))
    logits = array(keras.ops.cast(mixed(ids()), "float32"))
    assert np.abs(logits - expected).max() <= tolerance * np.abs(expected).max()
    mixed.compile("sgd")
    fit_text(mixed, ids().ravel(), Windows(3, 2), epochs=1, verbose=0)
    assert all(np.isfinite(array(weight)).all() for weight in mixed.weights)


def test_plain_model_fit_works():
    model = small()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    text = np.tile(np.arange(6), 40)
    windows = np.stack([text[i : i + 9] for i in range(0, 216, 8)])
    history = model.fit(windows[:, :-1], windows[:, 1:], epochs=40, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_a_state_of_another_shape_is_refused():
    with pytest.raises(ValueError) as error:
        small().get_layer("rnn")(ids(), initial_state=np.zeros((3, 1, UNITS)))
    assert (
        "SimpleRNN 'rnn' needs `initial_state` of shape (3, 2, 8): the batch, layers × "
        "directions, then units. Received: shape (3, 1, 8)." in str(error.value)
    )
    with pytest.raises(ValueError) as error:
        stateful(small())([ids(), np.zeros((3, 1, UNITS), "float32")])
    assert str(error.value) == (
        "Input 1 with name 'state' of layer 'rnn_lm_step' is incompatible with the "
        "layer: expected shape=(None, 2, 8), found shape=(3, 1, 8)"
    )


def test_a_model_without_a_state_is_refused():
    with pytest.raises(ValueError) as error:
        stateful(mlp())
    assert str(error.value) == "Model 'mlp' is no language model made by rnn_lm."


def test_ids_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"rnn needs ids from 0 to 6\. Received: 7\."):
        small()(np.array([[7]], "int32"))
