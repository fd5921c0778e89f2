"""The recurrent step and loop against their definition in NumPy."""

import keras
import numpy as np
import pytest
from autodiff import DTYPE, ROUNDING, array

from kerasheet.ops import one_hot, rnn, rnn_backward, rnn_step

BATCH, STEPS, FEATURES, UNITS = 2, 4, 3, 5
PHI = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "linear": lambda z: z,
}
CLOSE = {"rtol": 1e-5, "atol": max(ROUNDING, 1e-12) * 10}


def problem(seed=0):
    """(x, state, kernel, recurrent_kernel, bias) of random numbers."""
    rng = np.random.default_rng(seed)
    shapes = (
        (BATCH, STEPS, FEATURES),
        (BATCH, UNITS),
        (FEATURES, UNITS),
        (UNITS, UNITS),
        (UNITS,),
    )
    return tuple((rng.normal(size=shape) * 0.5).astype(DTYPE) for shape in shapes)


def definition(x, state, kernel, recurrent_kernel, bias, phi, mask=None, reverse=False):
    """§7.2, a step and a sample at a time."""
    outputs = np.zeros((*x.shape[:2], UNITS))
    state = state.astype("float64").copy()
    for t in reversed(range(x.shape[1])) if reverse else range(x.shape[1]):
        for n in range(x.shape[0]):
            if mask is None or mask[n, t]:
                z = x[n, t] @ kernel + state[n] @ recurrent_kernel + bias
                state[n] = phi(z)
        outputs[:, t] = state
    return outputs, state


@pytest.mark.parametrize("activation", PHI)
def test_a_step_is_a_dense_layer_of_input_and_state_side_by_side(activation):
    x, state, kernel, recurrent_kernel, bias = problem()
    joined = np.concatenate([x[:, 0], state], axis=1)
    stacked = np.concatenate([kernel, recurrent_kernel])
    expected = PHI[activation](joined @ stacked + bias)
    found = rnn_step(x[:, 0], state, kernel, recurrent_kernel, bias, activation)
    np.testing.assert_allclose(array(found), expected, **CLOSE)


@pytest.mark.parametrize("activation", PHI)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_sequence_is_its_steps_one_after_the_other(activation, masked, reverse):
    arguments = problem()
    mask = np.array([[1, 1, 0, 1], [0, 1, 0, 0]], bool) if masked else None
    outputs, state = rnn(*arguments, activation, mask=mask, reverse=reverse)
    expected = definition(*arguments, PHI[activation], mask, reverse)
    np.testing.assert_allclose(array(outputs), expected[0], **CLOSE)
    np.testing.assert_allclose(array(state), expected[1], **CLOSE)


def test_time_major_is_the_same_with_axes_swapped():
    x, *rest = problem()
    outputs, state = rnn(x, *rest)
    swapped, same = rnn(x.swapaxes(0, 1), *rest, time_major=True)
    np.testing.assert_array_equal(array(swapped).swapaxes(0, 1), array(outputs))
    np.testing.assert_array_equal(array(same), array(state))


def test_class_numbers_stand_for_their_one_hot_rows():
    _, *rest = problem()
    ids = np.array([[0, 2, 1, 2], [1, 1, 0, 2]])
    found, _ = rnn(ids, *rest)
    expected, _ = rnn(one_hot(ids, FEATURES, DTYPE), *rest)
    np.testing.assert_allclose(array(found), array(expected), **CLOSE)
    one = rnn_step(ids[:, 0], *rest)
    np.testing.assert_allclose(array(one), array(expected)[:, 0], **CLOSE)


def test_two_halves_with_the_state_handed_on_are_the_whole():
    x, state, *weights = problem()
    whole, last = rnn(x, state, *weights)
    first, between = rnn(x[:, :2], state, *weights)
    second, end = rnn(x[:, 2:], between, *weights)
    joined = np.concatenate([array(first), array(second)], axis=1)
    np.testing.assert_allclose(joined, array(whole), **CLOSE)
    np.testing.assert_allclose(array(end), array(last), **CLOSE)


@pytest.mark.parametrize("reverse", [False, True])
def test_the_backward_loop_skips_masked_steps_and_hands_the_slope_on(reverse):
    """With a step masked out, the slopes are those of the sequence without it."""
    x, *rest = problem()
    mask = np.array([[1, 0, 1, 1]] * BATCH, bool)
    kept = [0, 2, 3]
    along = np.random.default_rng(1).normal(size=(STEPS, BATCH, UNITS)).astype(DTYPE)
    along[1] = 0
    state, recurrent_kernel = rest[0], rest[2]
    options = {"reverse": reverse}
    outputs = array(rnn(x, *rest, mask=mask, **options)[0]).swapaxes(0, 1)
    short = array(rnn(x[:, kept], *rest, **options)[0]).swapaxes(0, 1)
    found = rnn_backward(
        along, outputs, state, recurrent_kernel, mask=mask.T, **options
    )
    expected = rnn_backward(along[kept], short, state, recurrent_kernel, **options)
    np.testing.assert_allclose(array(found.sums)[kept], array(expected.sums), **CLOSE)
    np.testing.assert_array_equal(array(found.sums)[1], 0)
    for name in ("state", "recurrent_kernel"):
        one, other = (array(getattr(slopes, name)) for slopes in (found, expected))
        np.testing.assert_allclose(one, other, **CLOSE)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"activation": "softplus"},
            "A recurrent activation is one of tanh, relu, sigmoid, linear. "
            "Received: activation='softplus'.",
        ),
        (
            {"state": np.zeros((2, 4))},
            "rnn needs `state` of shape (2, 5). Received: shape (2, 4).",
        ),
        (
            {"state": np.zeros((3, 5))},
            "rnn needs `state` of shape (2, 5). Received: shape (3, 5).",
        ),
        (
            {"x": np.zeros((2, 0, 3), DTYPE)},
            "rnn needs `x` of one step or more. Received: none.",
        ),
        (
            {"mask": np.ones((2, 3), bool)},
            "rnn needs `mask` of shape (steps, batch), here (4, 2). Received: shape "
            "(3, 2).",
        ),
        (
            {"x": np.array([[0, 3], [1, 2]])},
            "rnn needs ids from 0 to 2. Received: 3.",
        ),
        (
            {"x": np.array([[0, -1], [1, 2]])},
            "rnn needs ids from 0 to 2. Received: -1.",
        ),
    ],
)
def test_refuses_what_does_not_fit(change, sentence):
    names = ("x", "state", "kernel", "recurrent_kernel", "bias")
    arguments = {**dict(zip(names, problem(), strict=True)), **change}
    with pytest.raises(ValueError) as error:
        rnn(**arguments)
    assert str(error.value) == sentence


def test_refuses_features_that_the_kernel_does_not_have():
    x, *rest = problem()
    with pytest.raises(ValueError) as error:
        rnn(x[..., :2], *rest)
    kind = keras.ops.convert_to_tensor(x).dtype
    assert str(error.value) == (
        "rnn with a kernel (3, 5) needs `x` of shape (steps, batch, 3). "
        f"Received: {kind} of shape (4, 2, 2)."
    )
