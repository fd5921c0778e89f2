"""A language model that writes, as one compiled graph (sheet §7.2)."""

from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import keras
import tensorflow as tf

from kerasheet.language.drawing import draw
from kerasheet.layers import Dense, SimpleRNN
from kerasheet.models import language_layers, stateful
from kerasheet.ops.recurrence_gradient import activation_and_slope
from kerasheet.typing import Tensor


class Writer(NamedTuple):
    """Two compiled graphs of a language model, for any batch and any numbers.

    `read` takes ids, (batch, steps) int32, and the state before them, (batch,
    num_layers, units), to the logits of what comes next, (batch, tokens), and the state
    after them.

    `write` takes such logits and such a state; the position in the text of the first
    token that it is to write, and the number of them; temperature, top_k and seed, as
    for `draw`. It gives the tokens, (batch, number), and logits and state again.
    """

    read: Callable[..., tuple[Tensor, Tensor]]
    write: Callable[..., tuple[Tensor, Tensor, Tensor]]


_WRITERS: WeakKeyDictionary[keras.Model, Writer] = WeakKeyDictionary()
_INT, _FLOAT = tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.float32)


def writer(model: keras.Model) -> Writer:
    """What reads a prompt, and the loop that draws tokens; compiled once a model.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.

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
    layers, product = language_layers(model), _product(state.dtype)
    ids = tf.TensorSpec((None, None), tf.int32)
    logits = tf.TensorSpec((None, model.output_shape[-1]), tf.float32)

    @tf.function(autograph=False, input_signature=[ids, state])
    def read(ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        logits, state = reader([ids, state])
        return tf.cast(logits[:, -1], tf.float32), state

    @tf.function(
        autograph=False,
        input_signature=[logits, state, _INT, _INT, _FLOAT, _INT, _INT],
    )
    def write(
        logits: Tensor,
        state: Tensor,
        position: Tensor,
        count: Tensor,
        temperature: Tensor,
        top_k: Tensor,
        seed: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        step = _one_token(*layers, product)

        def body(
            index: Tensor, logits: Tensor, states: list[Tensor], tokens: tf.TensorArray
        ) -> tuple[Any, ...]:
            token = draw(logits, temperature, top_k, seed, position + index)
            return index + 1, *step(token, states), tokens.write(index, token)

        _, logits, states, tokens = tf.while_loop(
            lambda index, *_: index < count,
            body,
            (
                tf.constant(0),
                logits,
                tf.unstack(state, axis=1),
                tf.TensorArray(tf.int32, count),
            ),
        )
        return tf.transpose(tokens.stack()), logits, tf.stack(states, axis=1)

    # To choose the graph at every call would take longer than to write ten tokens.
    return Writer(read.get_concrete_function(), write.get_concrete_function())


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
        return tf.cast(product(after[-1], kernel) + bias, tf.float32), after

    return step


def _product(dtype: tf.DType) -> Callable[[Tensor, Tensor], Tensor]:
    """The product of a few rows with a matrix.

    For one row of 512 the kernel that is made for sparse matrices takes 30 µs on a
    processor, Eigen's 50 and oneDNN's 170; for 32 rows all take as long.
    """
    if dtype != tf.float32 or tf.config.list_logical_devices("GPU"):
        return tf.matmul
    return lambda a, b: tf.raw_ops.SparseMatMul(a=a, b=b)
