"""A language model that writes, as one compiled graph (sheet §7.2)."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import keras
import tensorflow as tf

from kerasheet.language.drawing import draw
from kerasheet.layers import Dense, SimpleRNN
from kerasheet.models import language_layers, stateful
from kerasheet.ops.recurrence_gradient import activation_and_slope
from kerasheet.typing import Tensor

Writer = Callable[..., tuple[Tensor, Tensor]]
"""Of what `writer` says, to tokens and a state."""

_WRITERS: WeakKeyDictionary[keras.Model, Writer] = WeakKeyDictionary()
_INT, _FLOAT = tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.float32)


def writer(model: keras.Model) -> Writer:
    """The loop that draws tokens and reads each for the next; compiled once a model.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.

    Returns:
        A function of ids to read first, (batch, steps) int32; the state before them,
        (batch, num_layers, units); the position in the text of the first token that it
        is to write, and the number of them; temperature, top_k and seed, as for `draw`.
        It returns the tokens, (batch, number), and the state before the last of them.

    Raises:
        ValueError: the model is no language model.

    Source: sheet §7.2 and §7.6.
    """
    if model not in _WRITERS:
        _WRITERS[model] = _compile(model)
    return _WRITERS[model]


def state_spec(model: keras.Model) -> tf.TensorSpec:
    """Type and shape of the state of a language model, for any batch.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.

    Returns:
        Of (batch, num_layers, units).

    Raises:
        ValueError: the model is no language model.

    Source: sheet §7.6.
    """
    rnn, _ = language_layers(model)
    shape = None, rnn.num_layers, rnn.units
    return tf.TensorSpec(shape, rnn.variable_dtype, name="state")


def _compile(model: keras.Model) -> Writer:
    reader, state = stateful(model), state_spec(model)
    ids = tf.TensorSpec((None, None), tf.int32)
    layers, product = language_layers(model), _product(state.dtype)

    @tf.function(
        autograph=False,
        input_signature=[ids, state, _INT, _INT, _FLOAT, _INT, _INT],
    )
    def write(
        ids: Tensor,
        state: Tensor,
        position: Tensor,
        count: Tensor,
        temperature: Tensor,
        top_k: Tensor,
        seed: Tensor,
    ) -> tuple[Tensor, Tensor]:
        def drawn(logits: Tensor, index: Tensor) -> Tensor:
            return draw(logits, temperature, top_k, seed, position + index)

        logits, state = reader([ids, state])
        token = drawn(logits[:, -1], tf.constant(0))
        step = _one_token(*layers, product)

        def body(
            index: Tensor, token: Tensor, states: list[Tensor], tokens: tf.TensorArray
        ) -> tuple[Any, ...]:
            logits, states = step(token, states)
            token = drawn(logits, index)
            return index + 1, token, states, tokens.write(index, token)

        tokens = tf.TensorArray(tf.int32, count).write(0, token)
        _, _, states, tokens = tf.while_loop(
            lambda index, *_: index < count,
            body,
            (tf.constant(1), token, tf.unstack(state, axis=1), tokens),
        )
        return tf.transpose(tokens.stack()), tf.stack(states, axis=1)

    return write


def _one_token(
    rnn: SimpleRNN, dense: Dense, product: Callable[[Tensor, Tensor], Tensor]
) -> Callable[[Tensor, list[Tensor]], tuple[Tensor, list[Tensor]]]:
    """What a token and the state of every layer become: logits, and states again.

    The formulas of `ops.rnn_step` without a time axis, whose handling would take longer
    than they do.
    """
    phi, _ = activation_and_slope(rnn.activation)
    weights = [[tf.convert_to_tensor(one) for one in w] for [w] in rnn.weights_of]
    kernel, bias = tf.convert_to_tensor(dense.kernel), tf.convert_to_tensor(dense.bias)

    def step(token: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        after: list[Tensor] = []
        for (w_x, w_h, b), state in zip(weights, states, strict=True):
            read = product(after[-1], w_x) if after else tf.gather(w_x, token)
            after.append(phi(read + b + product(state, w_h)))
        return product(after[-1], kernel) + bias, after

    return step


def _product(dtype: tf.DType) -> Callable[[Tensor, Tensor], Tensor]:
    """The product of a few rows with a matrix.

    For one row of 512 the kernel that is made for sparse matrices takes 30 µs on a
    processor, Eigen's 50 and oneDNN's 170; for 32 rows all take as long.
    """
    if dtype != tf.float32 or tf.config.list_logical_devices("GPU"):
        return tf.matmul
    return lambda a, b: tf.raw_ops.SparseMatMul(a=a, b=b)
