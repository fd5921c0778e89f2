"""Symbols as vectors, and how sure a language model is of them (sheet §7.5, §7.6)."""

import keras
from keras import ops

from kerasheet.ops.softmax import cross_entropy
from kerasheet.ops.tensor import as_tensor, check_ids
from kerasheet.typing import Tensor


def one_hot(ids: Tensor, depth: int, dtype: str | None = None) -> Tensor:
    """Each class number as a row of zeros with a one at its place.

    ```
    y[c] = 1 if c = id, else 0
    ```

    Args:
        ids: class numbers of any shape.
        depth: number of classes.
        dtype: of the result; None for Keras' default float.

    Returns:
        (..., depth).

    Raises:
        ValueError: an id is out of range, or `ids` are not integers.

    Example:
    >>> one_hot([1, 0], 2).numpy().tolist()
    [[0.0, 1.0], [1.0, 0.0]]

    Source: sheet §7.6, code `to_onehot`.
    """
    ids = as_tensor(ids)
    if "int" not in keras.backend.standardize_dtype(ids.dtype):
        raise ValueError(f"one_hot needs integer ids. Received: {ids.dtype}.")
    check_ids("one_hot", ids, depth)
    return ops.one_hot(ids, depth, dtype=dtype or keras.config.floatx())


def perplexity(logits: Tensor, labels: Tensor) -> Tensor:
    """Among how many equally likely answers the model seems to choose.

    ```
    exp(mean over n of cross_entropy(o[n], y[n]))
    ```

    1 if every label was certain, +inf if one was impossible, and the number of classes
    if all classes are always equally likely. A useful model lies between 1 and the
    number of classes.

    Args:
        logits: (..., classes), before the softmax.
        labels: class numbers (...), or distributions (..., classes).

    Returns:
        A scalar.

    Raises:
        ValueError: the labels' shape fits neither form.

    Example:
    >>> print(perplexity([[0.0, 0.0, 0.0]], [2]).numpy().round(4))
    3.0

    Source: sheet §7.5, errata 46.
    """
    return ops.exp(cross_entropy(logits, labels, "mean"))
