"""Drawing the next token of a text (sheet §7.2)."""

import tensorflow as tf

from kerasheet.typing import Tensor


def draw(
    logits: Tensor,
    temperature: Tensor,
    top_k: Tensor,
    seed: Tensor,
    position: Tensor,
) -> Tensor:
    """One token for each row of logits, in a compiled graph as well.

    ```
    P(w_{t+1}) = softmax(O_t / temperature), among the top_k likeliest
    ```

    Args:
        logits: (batch, tokens); `<unk>`, at 0, is never drawn.
        temperature: a scalar, 0 for the likeliest token.
        top_k: how many of the likeliest tokens may be drawn.
        seed: together with `position` it decides what is drawn.
        position: of the token in the text.

    Returns:
        (batch,), int32.

    Source: sheet §7.2.
    """
    logits = tf.cast(logits, tf.float32)
    logits += tf.one_hot(0, tf.shape(logits)[1], -float("inf"), 0.0)
    least = tf.math.top_k(logits, top_k).values[:, -1:]
    kept = tf.where(logits >= least, logits, -float("inf"))
    warmth = tf.cast(temperature, tf.float32)
    drawn = tf.random.stateless_categorical(
        kept / tf.maximum(warmth, 1e-6),
        1,
        seed=tf.stack([seed, position]),
        dtype=tf.int32,
    )[:, 0]
    likeliest = tf.argmax(logits, axis=1, output_type=tf.int32)
    return tf.where(warmth > 0, drawn, likeliest)
