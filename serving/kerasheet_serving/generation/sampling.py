"""Which token follows, given what a language model expects next."""

import numpy as np

from kerasheet_serving.dtypes import Array

_LEAST_TEMPERATURE = 1e-6

NOTHING = -1
"""What is drawn of logits that are no numbers."""


def draw(
    logits: Array, temperatures: Array, top_ks: Array, uniforms: Array
) -> list[int]:
    """Draw a token for each row of logits, whatever the other rows are.

    ```
    P(w) = softmax(logits / temperature), among the top_k likeliest
    ```

    Args:
        logits: (rows, tokens); the unknown token, at 0, is never drawn.
        temperatures: (rows,), 0 for the likeliest token.
        top_ks: (rows,), how many of the likeliest tokens may be drawn, and those that
            are as likely as the last of them.
        uniforms: (rows,), random numbers from 0 to 1 without 1, that decide.

    Returns:
        The ids; `NOTHING` for a row from which none can be drawn.
    """
    scores = logits.astype(np.float64)
    scores[:, 0] = -np.inf
    tokens = scores.shape[1]
    if (top_ks < tokens - 1).any():
        places = tokens - top_ks
        ordered = np.partition(scores, np.unique(places), axis=1)
        least = ordered[np.arange(len(scores)), places]
        scores[scores < least[:, None]] = -np.inf
    likeliest = scores.argmax(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        scores -= scores.max(axis=1, keepdims=True)
        scores /= np.maximum(temperatures, _LEAST_TEMPERATURE)[:, None]
        sums = np.exp(scores).cumsum(axis=1)
    totals = sums[:, -1]
    thresholds = np.minimum(uniforms * totals, np.nextafter(totals, 0))
    drawn = (sums <= thresholds[:, None]).sum(axis=1)
    drawn = np.where(temperatures > 0, drawn, likeliest)
    chosen: list[int] = np.where(np.isfinite(totals), drawn, NOTHING).tolist()
    return chosen
