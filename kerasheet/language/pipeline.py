"""Windows of a text that may be larger than memory, as a `tf.data.Dataset`."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import tensorflow as tf

from kerasheet.language.sampling import SAMPLINGS, count_batches, gather


def window_dataset(
    ids: np.ndarray,
    steps: int,
    batch_size: int,
    sampling: str = "random",
    seed: int = 0,
) -> tf.data.Dataset:
    """Batches of windows, read as they are needed, ahead of the model.

    Iteration k of the dataset is fed what `SAMPLINGS[sampling]` makes of
    `np.random.default_rng([seed, k])`: other windows each time, the same in each run.

    Args:
        ids: (tokens,), in memory or on disk.
        steps: of a window.
        batch_size: windows in a batch.
        sampling: `"random"` or `"consecutive"`.
        seed: of the offsets and the order.

    Returns:
        Pairs of inputs and labels, int32, (batch_size, steps) each.

    Raises:
        ValueError: an argument is out of its range.
        DataError: the text is too short for one batch.

    Example:
    >>> [(inputs, labels)] = window_dataset(np.arange(6), 3, 1, "consecutive")
    >>> (labels - inputs).numpy().tolist()
    [[1, 1, 1]]

    Source: sheet §7.3.
    """
    batches = count_batches(len(ids), steps, batch_size, sampling)
    iterations = count()

    def read() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng([seed, next(iterations)])
        for starts in SAMPLINGS[sampling](len(ids), steps, batch_size, rng):
            windows = gather(ids, starts, steps)
            yield windows[:, :-1], windows[:, 1:]

    batch = tf.TensorSpec((batch_size, steps), tf.int32)
    dataset = tf.data.Dataset.from_generator(read, output_signature=(batch, batch))
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(batches))
    return dataset.prefetch(tf.data.AUTOTUNE)
