"""The recurrent language model (sheet §7.2 and §7.6)."""

import keras

from kerasheet.layers import Dense, SimpleRNN


def rnn_lm(
    input_shape: tuple[int | None, ...] = (None,),
    classes: int = 28,
    units: int = 512,
    num_layers: int = 1,
    activation: str = "tanh",
    bidirectional: bool = False,
    stddev: float | None = 0.01,
) -> keras.Model:
    """A recurrent layer that reads tokens, and a dense one that predicts the next.

    ```
    H_t = φ(onehot(w_t) W_xh + H_{t-1} W_hh + b_h)        O_t = H_t W_hq + b_q
    P(w_{t+1} | w_1 … w_t) = softmax(O_t)
    ```

    The state begins at zero. To read a text in pieces, or to write one, hand the state
    on with `stateful`.

    Args:
        input_shape: (steps,), or (None,) for any number of them.
        classes: number of tokens in the vocabulary.
        units: size of the hidden state.
        num_layers: recurrent layers on top of each other.
        activation: φ, one of `"tanh"`, `"relu"`, `"sigmoid"`, `"linear"`.
        bidirectional: must be False.
        stddev: standard deviation of the normal distribution that the weights are
            drawn from, as in the book; None for Keras' initializers.

    Returns:
        A model from ids, (batch, steps), to logits of the next token, (batch, steps,
        classes).

    Raises:
        ValueError: an argument is out of range, or `bidirectional` is asked for.

    Example:
    >>> rnn_lm().count_params()
    291356

    Source: sheet §7.2 and §7.6, code `RNNModel`, errata 48.
    """
    if bidirectional:
        raise ValueError(
            "rnn_lm reads forward only: a backward direction would see the very token "
            "that it is to predict, score a perplexity near 1 and generate nonsense. "
            "Use SimpleRNN(bidirectional=True) to encode or tag whole sequences."
        )
    ids = keras.Input(input_shape, name="ids", dtype="int32")
    rnn = SimpleRNN(
        units,
        num_layers,
        activation=activation,
        input_dim=classes,
        kernel_initializer=_initializer("glorot_uniform", stddev),
        recurrent_initializer=_initializer("orthogonal", stddev),
        name="rnn",
    )
    kernel_initializer = _initializer("glorot_uniform", stddev)
    dense = Dense(classes, kernel_initializer=kernel_initializer, name="logits")
    return keras.Model(ids, dense(rnn(ids)[0]), name="rnn_lm")


def language_layers(model: keras.Model) -> tuple[SimpleRNN, Dense]:
    """The recurrent layer of a language model, and the dense one.

    Raises:
        ValueError: the model is no language model.

    Source: sheet §7.6, code `RNNModel`.
    """
    layers = {type(layer): layer for layer in model.layers}
    if not layers.keys() >= {SimpleRNN, Dense}:
        raise ValueError(f"Model {model.name!r} is no language model made by rnn_lm.")
    return layers[SimpleRNN], layers[Dense]


def _initializer(name: str, stddev: float | None) -> keras.Initializer:
    if stddev is None:
        return keras.initializers.get(name)
    return keras.initializers.RandomNormal(stddev=stddev)


def stateful(model: keras.Model) -> keras.Model:
    """The same language model with its state as a second input and output.

    Args:
        model: what `rnn_lm` gave; its weights are shared.

    Returns:
        A model from [ids, (batch, steps); state, (batch, num_layers, units)] to [logits
        of the next token, (batch, steps, classes); the state after the last step]. A
        text begins with a state of zeros.

    Raises:
        ValueError: the model is no language model.

    Example:
    >>> import numpy as np
    >>> one = rnn_lm(units=8)
    >>> logits, state = stateful(one)([np.array([[1, 2]]), np.zeros((1, 1, 8))])
    >>> tuple(logits.shape), tuple(state.shape)
    ((1, 2, 28), (1, 1, 8))

    Source: sheet §7.3, consecutive sampling.
    """
    rnn, dense = language_layers(model)
    [ids] = model.inputs
    ids = keras.Input(ids.shape[1:], name=ids.name, dtype=ids.dtype)
    shape = rnn.num_layers, rnn.units
    state = keras.Input(shape, name="state", dtype=rnn.variable_dtype)
    outputs, last = rnn(ids, initial_state=state)
    if last.dtype != state.dtype:  # mixed precision computes in 16 bits
        last = keras.ops.cast(last, state.dtype)
    return keras.Model([ids, state], [dense(outputs), last], name=f"{model.name}_step")
