"""SimpleRNN: states, masks, ids, growth, refusals."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from autodiff import EXACT, array

from kerasheet.layers import OneHot, SimpleRNN


def floats(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 3])
def test_the_state_is_the_last_output_of_every_layer_and_direction(
    num_layers, bidirectional
):
    layer = SimpleRNN(4, num_layers, bidirectional)
    outputs, state = layer(floats(2, 5, 3))
    assert tuple(state.shape) == (2, num_layers * layer.directions, 4)
    last = array(state)[:, -layer.directions :]
    np.testing.assert_array_equal(array(outputs)[:, -1, :4], last[:, 0])
    if bidirectional:
        np.testing.assert_array_equal(array(outputs)[:, 0, 4:], last[:, 1])


def test_a_state_handed_on_continues_the_sequence():
    layer, x = SimpleRNN(4, num_layers=2), floats(2, 6, 3)
    whole, end = layer(x)
    first, between = layer(x[:, :4])
    second, last = layer(x[:, 4:], initial_state=between)
    joined = np.concatenate([array(first), array(second)], axis=1)
    np.testing.assert_allclose(joined, array(whole), atol=1e-6)
    np.testing.assert_allclose(array(last), array(end), atol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_does_not_change_a_sequence(bidirectional):
    layer, x = SimpleRNN(4, 2, bidirectional), floats(1, 3, 2)
    padded = np.concatenate([x, np.full((1, 4, 2), 9.0, "float32")], axis=1)
    mask = np.arange(7)[None] < 3
    outputs, state = layer(x)
    masked, same = layer(padded, mask=keras.ops.convert_to_tensor(mask))
    np.testing.assert_allclose(array(masked)[:, :3], array(outputs), atol=1e-6)
    np.testing.assert_allclose(array(same), array(state), atol=1e-6)


def test_a_masking_layer_before_it_is_heeded_and_its_mask_handed_on():
    inputs = keras.Input((None, 2))
    x = keras.layers.Masking(9.0)(inputs)
    outputs, state = SimpleRNN(4)(x)
    model = keras.Model(inputs, [outputs, state])
    short = floats(1, 3, 2)
    padded = np.concatenate([short, np.full((1, 4, 2), 9.0, "float32")], axis=1)
    whole, cut = model(padded), model(short)
    np.testing.assert_allclose(array(whole[1]), array(cut[1]), atol=1e-6)
    layer = SimpleRNN(4)
    assert layer.compute_mask(padded, "mask") == ["mask", None]
    assert layer.compute_mask(padded, None) == [None, None]


def test_ids_are_their_one_hot_rows_and_either_may_come_first():
    ids = np.random.default_rng(0).integers(5, size=(2, 6), dtype="int32")
    rows = OneHot(5)(ids)
    for first, second in ((ids, rows), (rows, ids)):
        layer = SimpleRNN(4, num_layers=2, input_dim=5)
        one, other = layer(first)[0], layer(second)[0]
        np.testing.assert_allclose(array(one), array(other), atol=1e-6)


@pytest.mark.skipif(not EXACT, reason="counts the operations of TensorFlow's graph")
def test_the_graph_of_forward_and_backward_is_the_same_for_any_number_of_steps():
    import tensorflow as tf

    layer = SimpleRNN(4)
    layer.build((2, None, 3))

    def step(x):
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(layer(x)[0] ** 2)
        return tape.gradient(value, [weight.value for weight in layer.weights])

    counts = {
        len(
            tf.function(step, autograph=False)
            .get_concrete_function(tf.TensorSpec((2, steps, 3)))
            .graph.get_operations()
        )
        for steps in (2, 50, 2000)
    }
    assert max(counts) - min(counts) < 5  # a constant or two, not one per step


@pytest.mark.parametrize(
    ("kwargs", "sentence"),
    [
        (
            {"units": 0},
            "SimpleRNN needs `units` to be a positive int. Received: units=0.",
        ),
        (
            {"units": 4, "num_layers": 0},
            "SimpleRNN needs `num_layers` to be a positive int. "
            "Received: num_layers=0.",
        ),
        (
            {"units": 4, "input_dim": -1},
            "SimpleRNN needs `input_dim` to be a positive int. Received: input_dim=-1.",
        ),
        (
            {"units": 4, "activation": "elu"},
            "A recurrent activation is one of tanh, relu, sigmoid, linear. "
            "Received: activation='elu'.",
        ),
    ],
)
def test_refuses_arguments_that_are_none(kwargs, sentence):
    with pytest.raises(ValueError) as error:
        SimpleRNN(**kwargs)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("input_dim", "shape", "sentence"),
    [
        (
            None,
            (2, 5),
            "SimpleRNN 'r' needs to know how many class numbers there are. Pass "
            "`input_dim`.",
        ),
        (
            3,
            (2, 5, 4),
            "SimpleRNN 'r' has input_dim=3. Received: input shape (2, 5, 4).",
        ),
        (
            None,
            (2, 5, 4, 1),
            "SimpleRNN 'r' needs (batch, steps, features), or class numbers (batch, "
            "steps). Received: input shape (2, 5, 4, 1).",
        ),
        (
            None,
            (2, 5, None),
            "SimpleRNN 'r' needs to know the number of input features. Received: "
            "input shape (2, 5, None). Give the last axis a size.",
        ),
    ],
)
def test_refuses_inputs_that_it_cannot_read(input_dim, shape, sentence):
    with pytest.raises(ValueError) as error:
        SimpleRNN(4, input_dim=input_dim, name="r").build(shape)
    assert str(error.value) == sentence


PEAKS = """
import re
from pathlib import Path
import tensorflow as tf
from kerasheet.layers import SimpleRNN

layer = SimpleRNN(64)
layer.build((32, None, 8))

@tf.function(autograph=False)
def slopes(x):
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(layer(x)[0] ** 2)
    return tape.gradient(value, [weight.value for weight in layer.weights])

for steps in (1, 4000):
    slopes(tf.ones((32, steps, 8)))
    print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(
    not EXACT or sys.platform != "linux", reason="measures memory in /proc"
)
def test_memory_grows_linearly_in_the_steps():
    output = subprocess.check_output([sys.executable, "-c", PEAKS], text=True)
    before, most = (int(kibibytes) * 1024 for kibibytes in output.split())
    outputs = 4000 * 32 * 64 * 4
    # A dozen arrays of that size; what grows with the square has 4000 of them.
    assert outputs < most - before < 40 * outputs


def refusal(x, **arguments):
    with pytest.raises(ValueError) as error:
        SimpleRNN(4, num_layers=2, name="r")(x, **arguments)
    return str(error.value)


@pytest.mark.parametrize("shape", [(2, 1, 4), (2, 2, 5), (2, 4), (3, 2, 4)])
def test_refuses_a_state_of_another_shape(shape):
    assert (
        "SimpleRNN 'r' needs `initial_state` of shape (2, 2, 4): the batch, layers × "
        f"directions, then units. Received: shape {shape}."
    ) in refusal(floats(2, 5, 3), initial_state=floats(*shape))


def test_refuses_a_list_of_states_which_would_have_layers_first():
    states = [floats(2, 4), floats(2, 4)]
    assert (
        "SimpleRNN 'r' needs `initial_state` of shape (2, 2, 4): the batch, layers × "
        "directions, then units. Received: list."
    ) in refusal(floats(2, 5, 3), initial_state=states)
