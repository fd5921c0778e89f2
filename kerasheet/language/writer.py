"""A language model that writes, as one compiled graph (sheet §7.2)."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import keras
import tensorflow as tf

from kerasheet.language.drawing import draw
from kerasheet.models import language_layers, stateful
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
        def read(ids: Tensor, state: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
            logits, state = reader([ids, state])
            at = position + index
            return draw(logits[:, -1], temperature, top_k, seed, at), state

        def body(
            index: Tensor, token: Tensor, state: Tensor, tokens: tf.TensorArray
        ) -> tuple[Any, ...]:
            token, state = read(token[:, None], state, index)
            return index + 1, token, state, tokens.write(index, token)

        token, state = read(ids, state, tf.constant(0))
        tokens = tf.TensorArray(tf.int32, count).write(0, token)
        _, _, state, tokens = tf.while_loop(
            lambda index, *_: index < count,
            body,
            (tf.constant(1), token, state, tokens),
        )
        return tf.transpose(tokens.stack()), state

    return write
