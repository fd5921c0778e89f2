"""Writing text with a language model, token by token (sheet §7.2)."""

from collections.abc import Iterator

import keras
import tensorflow as tf

from kerasheet.errors import DataError
from kerasheet.language.vocabulary import Vocabulary
from kerasheet.models import stateful
from kerasheet.typing import Tensor


def generate(
    model: keras.Model,
    vocabulary: Vocabulary,
    prompt: str,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
) -> Iterator[str]:
    """Continue a text, each token drawn from what the model expects next.

    ```
    P(w_{t+1}) = softmax(O_t / temperature), among the top_k likeliest
    ```

    The state is handed on, so a token costs the same however long the text has grown.
    `<unk>` is never written.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.
        vocabulary: of the model.
        prompt: the text to continue; tokens the vocabulary lacks are read as `<unk>`.
        length: tokens to write.
        temperature: below 1 for safer, above for more surprising text; 0 always takes
            the likeliest token.
        top_k: draw among so many of the likeliest tokens, None for all.
        seed: same seed, same text.

    Yields:
        The tokens, as soon as each is drawn; words with the space before them.

    Raises:
        DataError: the prompt is empty, the vocabulary is another model's, or a number
            is out of range.

    Source: sheet §7.2 and §7.6.
    """
    check_sampling(len(vocabulary), length, temperature, top_k, seed)
    if len(vocabulary) != model.output_shape[-1]:
        raise DataError(
            f"Generating with {model.name!r} needs its own vocabulary of "
            f"{model.output_shape[-1]} tokens. Received: one of {len(vocabulary)}."
        )
    ids = vocabulary.encode(prompt)
    if len(ids) == 0:
        raise DataError(
            f"Generating needs a prompt of at least one token. Received: {prompt!r}."
        )
    return _stream(model, vocabulary, ids[None], length, temperature, top_k, seed)


def _stream(
    model: keras.Model,
    vocabulary: Vocabulary,
    ids: Tensor,
    length: int,
    temperature: float,
    top_k: int | None,
    seed: int,
) -> Iterator[str]:
    reader = stateful(model)
    known = top_k or len(vocabulary) - 1
    [_, state] = reader.inputs
    row = tf.TensorSpec((1, None), tf.int32)

    @tf.function(autograph=False, input_signature=[row, state_spec(model), ANY_INT])
    def step(ids: Tensor, state: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        logits, state = reader([ids, state])
        drawn = draw(logits[:, -1], temperature, known, seed, position)
        return drawn[:, None], state

    current, hidden = tf.constant(ids, tf.int32), tf.zeros((1, *state.shape[1:]))
    separator = " " if vocabulary.unit == "words" else ""
    for position in range(length):
        current, hidden = step(current, hidden, tf.constant(position))
        yield separator + vocabulary.decode(current[0].numpy())


ANY_INT = tf.TensorSpec((), tf.int32)


def state_spec(model: keras.Model) -> tf.TensorSpec:
    """Type and shape of the state of a language model, for any batch."""
    [_, state] = stateful(model).inputs
    return tf.TensorSpec(state.shape, state.dtype, name="state")


def draw(
    logits: Tensor, temperature: Tensor, top_k: Tensor, seed: Tensor, position: Tensor
) -> Tensor:
    """One token for each row of logits, in a compiled graph as well.

    Args:
        logits: (batch, tokens); `<unk>`, at 0, is never drawn.
        temperature: a scalar, 0 for the likeliest token.
        top_k: how many of the likeliest tokens may be drawn.
        seed: together with `position` it decides what is drawn.
        position: of the token in the text.

    Returns:
        (batch,), int32.
    """
    logits = tf.cast(logits, tf.float32)
    impossible = tf.fill(tf.shape(logits[:, :1]), -float("inf"))
    logits = tf.concat([impossible, logits[:, 1:]], axis=1)
    least = tf.math.top_k(logits, top_k).values[:, -1:]
    kept = tf.where(logits >= least, logits, -float("inf"))
    warm = kept / tf.maximum(tf.cast(temperature, tf.float32), 1e-6)
    drawn = tf.random.stateless_categorical(
        warm, 1, seed=tf.stack([seed, position]), dtype=tf.int32
    )[:, 0]
    likeliest = tf.argmax(logits, axis=1, output_type=tf.int32)
    return tf.where(tf.cast(temperature, tf.float32) > 0, drawn, likeliest)


def check_sampling(
    tokens: int, length: int, temperature: float, top_k: int | None, seed: int
) -> None:
    """Refuse what no text can be drawn with.

    Raises:
        DataError: a number is out of range.
    """
    if type(length) is not int or length < 1:
        raise DataError(
            f"Generating needs `length` to be a positive int. Received: {length!r}."
        )
    if not isinstance(temperature, int | float) or not 0 <= temperature < float("inf"):
        raise DataError(
            "Generating needs `temperature` to be 0 or more. "
            f"Received: {temperature!r}."
        )
    if top_k is not None and (type(top_k) is not int or not 1 <= top_k < tokens):
        raise DataError(
            f"Generating needs `top_k` from 1 to {tokens - 1}, the tokens of the "
            f"vocabulary besides <unk>. Received: {top_k!r}."
        )
    if type(seed) is not int or not -(2**31) <= seed < 2**31:
        raise DataError(
            f"Generating needs `seed` to be an int of 32 bits. Received: {seed!r}."
        )
