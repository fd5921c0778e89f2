"""SimpleRNN equals PyTorch's `nn.RNN`: outputs, every last state, every gradient."""

import numpy as np
import pytest
import tensorflow as tf
import torch
from torch_twins.comparison import TOLERANCE, precision

from kerasheet.layers import Dense, SimpleRNN
from kerasheet.models import rnn_lm, stateful

BATCH, STEPS, FEATURES, UNITS = 3, 7, 4, 5


def pair(num_layers, bidirectional, activation, dtype, features=FEATURES):
    """Our layer and PyTorch's, with the same weights (its second bias is zero)."""
    ours = SimpleRNN(UNITS, num_layers, bidirectional, activation, input_dim=features)
    ours.build((BATCH, STEPS, features))
    theirs = torch.nn.RNN(
        features,
        UNITS,
        num_layers,
        nonlinearity=activation,
        batch_first=True,
        bidirectional=bidirectional,
        dtype=getattr(torch, dtype),
    )
    rng = np.random.default_rng(0)
    for weight in ours.weights:
        weight.assign(rng.normal(size=weight.shape) * 0.5)
    copy(ours, theirs)
    return ours, theirs


def copy(ours, theirs):
    for weight in ours.weights:
        for name in names(weight.name):
            value = torch.from_numpy(weight.numpy().T.copy())
            second = name.startswith("bias_hh")
            getattr(theirs, name).data.copy_(0 * value if second else value)


def names(ours):
    """PyTorch's names of one of our weights: it has a bias on either product."""
    kind, _, place = ours.rpartition("_")
    back = "_reverse" if kind.endswith("_backward") else ""
    kind = kind.removesuffix("_backward")
    parts = {
        "kernel": ["weight_ih"],
        "recurrent_kernel": ["weight_hh"],
        "bias": ["bias_ih", "bias_hh"],
    }[kind]
    return [f"{part}_l{place}{back}" for part in parts]


def surface(module, outputs, state):
    return module.sum(module.sin(outputs)) + module.sum(module.cos(state))


def assert_near(ours, theirs, dtype):
    theirs = theirs.detach().numpy()
    scale = np.abs(theirs).max()
    assert np.abs(np.asarray(ours) - theirs).max() <= TOLERANCE[dtype] * scale


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_outputs_states_and_gradients(num_layers, bidirectional, activation, dtype):
    with precision(dtype):
        ours, theirs = pair(num_layers, bidirectional, activation, dtype)
        rng = np.random.default_rng(1)
        rows = num_layers * ours.directions
        x = rng.normal(size=(BATCH, STEPS, FEATURES)).astype(dtype)
        state = rng.normal(size=(BATCH, rows, UNITS)).astype(dtype)
        ours_x, ours_state = tf.constant(x), tf.constant(state)
        with tf.GradientTape() as tape:
            tape.watch([ours_x, ours_state])
            outputs, last = ours(ours_x, initial_state=ours_state)
            value = tf.reduce_sum(tf.sin(outputs)) + tf.reduce_sum(tf.cos(last))
        weights = [weight.value for weight in ours.weights]
        slopes = tape.gradient(value, [ours_x, ours_state, *weights])
    theirs_x = torch.from_numpy(x).requires_grad_()
    theirs_state = torch.from_numpy(state).transpose(0, 1).contiguous()
    theirs_state.requires_grad_()
    expected, expected_last = theirs(theirs_x, theirs_state)
    surface(torch, expected, expected_last).backward()
    assert_near(outputs, expected, dtype)
    assert_near(last, expected_last.transpose(0, 1), dtype)
    assert_near(slopes[0], theirs_x.grad, dtype)
    assert_near(slopes[1], theirs_state.grad.transpose(0, 1), dtype)
    for weight, slope in zip(ours.weights, slopes[2:], strict=True):
        for name in names(weight.name):
            assert_near(slope.numpy().T, getattr(theirs, name).grad, dtype)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_masked_steps_are_pytorchs_shorter_sequences(bidirectional):
    """Its packed sequences stop early; ours hand the state on to the end."""
    with precision("float64"):
        ours, theirs = pair(2, bidirectional, "tanh", "float64")
        x = np.random.default_rng(1).normal(size=(BATCH, STEPS, FEATURES))
        lengths = np.array([7, 4, 1])
        mask = np.arange(STEPS) < lengths[:, None]
        ours_x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(ours_x)
            outputs, last = ours(ours_x, mask=tf.constant(mask))
            kept = tf.where(mask[..., None], outputs, 0.0)
            value = tf.reduce_sum(tf.sin(kept)) + tf.reduce_sum(tf.cos(last))
        weights = [weight.value for weight in ours.weights]
        slopes = tape.gradient(value, [ours_x, *weights])
    theirs_x = torch.from_numpy(x).requires_grad_()
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        theirs_x, lengths, batch_first=True
    )
    expected, expected_last = theirs(packed)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(expected, batch_first=True)
    surface(torch, expected, expected_last).backward()
    assert_near(kept, expected, "float64")
    assert_near(last, expected_last.transpose(0, 1), "float64")
    assert_near(slopes[0], theirs_x.grad, "float64")
    for weight, slope in zip(ours.weights, slopes[1:], strict=True):
        assert_near(
            slope.numpy().T, getattr(theirs, names(weight.name)[0]).grad, "float64"
        )


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_class_numbers_are_pytorchs_one_hot_vectors(dtype):
    with precision(dtype):
        ours, theirs = pair(2, False, "tanh", dtype)
        ids = np.random.default_rng(1).integers(FEATURES, size=(BATCH, STEPS))
        with tf.GradientTape() as tape:
            outputs, last = ours(tf.constant(ids, tf.int32))
            value = tf.reduce_sum(tf.sin(outputs)) + tf.reduce_sum(tf.cos(last))
        slope = tape.gradient(value, ours.weights[0].value)
    rows = torch.nn.functional.one_hot(torch.from_numpy(ids), FEATURES)
    expected, expected_last = theirs(rows.to(getattr(torch, dtype)))
    surface(torch, expected, expected_last).backward()
    assert_near(outputs, expected, dtype)
    assert_near(last, expected_last.transpose(0, 1), dtype)
    slope = tf.convert_to_tensor(slope).numpy().T
    assert_near(slope, theirs.weight_ih_l0.grad, dtype)


class RNNModel(torch.nn.Module):
    """The sheet's §7.6, code `RNNModel`, batch first."""

    def __init__(self, rnn_layer, vocab_size):
        super().__init__()
        self.rnn = rnn_layer
        self.vocab_size = vocab_size
        self.dense = torch.nn.Linear(rnn_layer.hidden_size, vocab_size)

    def forward(self, inputs, state):
        rows = torch.nn.functional.one_hot(inputs, self.vocab_size)
        outputs, state = self.rnn(rows.to(self.dense.weight.dtype), state)
        return self.dense(outputs), state


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_language_model_is_the_sheets_model(dtype):
    """Logits, the state handed on, and the slope of the cross-entropy."""
    classes = 6
    with precision(dtype):
        ours = rnn_lm(classes=classes, units=UNITS, num_layers=2)
        rnn, dense = (
            next(one for one in ours.layers if type(one) is kind)
            for kind in (SimpleRNN, Dense)
        )
        theirs = torch.nn.RNN(classes, UNITS, 2, batch_first=True)
        theirs = RNNModel(theirs, classes).to(getattr(torch, dtype))
        copy(rnn, theirs.rnn)
        for mine, other in zip(dense.weights, ("weight", "bias"), strict=True):
            value = torch.from_numpy(mine.numpy().T.copy())
            getattr(theirs.dense, other).data.copy_(value)
        rng = np.random.default_rng(1)
        ids = rng.integers(classes, size=(BATCH, STEPS + 1))
        state = rng.normal(size=(BATCH, 2, UNITS)).astype(dtype)
        with tf.GradientTape() as tape:
            logits, last = stateful(ours)([ids[:, :-1].astype("int32"), state])
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 1:], logits)
            loss = tf.reduce_mean(loss)
        slope = tape.gradient(loss, rnn.weights[1].value)
    inputs = torch.from_numpy(ids[:, :-1].copy())
    labels = torch.from_numpy(ids[:, 1:].copy())
    first = torch.from_numpy(state).transpose(0, 1).contiguous()
    expected, expected_last = theirs(inputs, first)
    torch.nn.functional.cross_entropy(expected.transpose(1, 2), labels).backward()
    assert_near(logits, expected, dtype)
    assert_near(last, expected_last.transpose(0, 1), dtype)
    assert_near(slope.numpy().T, theirs.rnn.weight_hh_l0.grad, dtype)
