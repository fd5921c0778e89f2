"""Writing text with a language model, token by token (sheet §7.2)."""

from collections.abc import Iterator

import keras
import tensorflow as tf

from kerasheet.errors import DataError
from kerasheet.language.vocabulary import Vocabulary
from kerasheet.language.writer import state_spec, writer
from kerasheet.typing import Tensor

MOST_AT_ONCE = 64
"""Tokens of one call of the compiled loop: 5 ms for a state of 512. The first comes by
itself, so that a reader sees at once that there is something."""


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
        The tokens, the first as soon as each is drawn, later ones some at a time;
        words with the space before them.

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
    read, write = writer(model)
    spec = state_spec(model)
    start = tf.zeros((1, *spec.shape[1:]), spec.dtype)
    logits, state = read(tf.constant(ids, tf.int32), start)
    separator = " " if vocabulary.unit == "words" else ""
    position, count = 0, 1
    settings = (
        tf.constant(temperature, tf.float32),
        tf.constant(top_k or len(vocabulary) - 1),
        tf.constant(seed),
    )
    while position < length:
        count = min(count, length - position)
        tokens, logits, state = write(
            logits, state, tf.constant(position), tf.constant(count), *settings
        )
        for token in tokens.numpy()[0]:
            yield separator + vocabulary.decode([token])
        position, count = position + count, min(4 * count, MOST_AT_ONCE)


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
