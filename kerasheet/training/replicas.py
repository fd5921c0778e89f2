"""A batch that several replicas share: each takes a part, and all step alike."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasheet.errors import TrainingError
from kerasheet.typing import Tensor


class Part(NamedTuple):
    """Samples of a batch that fall to one replica.

    Attributes:
        first: position of the first of them.
        last: position after the last; at least one sample is taken, if only to be
            weighed by 0.
        rows: how many count.
    """

    first: Any
    last: Any
    rows: Any


def cut(size: Any, rank: Any, replicas: int, minimum: Any = tf.minimum) -> Part:
    """The part of a batch of `size` samples that falls to replica `rank`.

    Parts differ by one sample at most, and no part grows where a batch shrinks.

    Example:
    >>> [tuple(cut(7, rank, 3, min)) for rank in range(3)]
    [(0, 3, 3), (3, 5, 2), (5, 7, 2)]
    >>> [tuple(cut(1, rank, 2, min)) for rank in range(2)]
    [(0, 1, 1), (0, 1, 0)]
    """
    first = rank * (size // replicas) + minimum(rank, size % replicas)
    after = (rank + 1) * (size // replicas) + minimum(rank + 1, size % replicas)
    rows = after - first
    first = minimum(first, size - 1)
    return Part(first, first - minimum(-rows, -1), rows)


def rank() -> int:
    """Which of all replicas this code is for."""
    replica = tf.distribute.get_replica_context()
    return int(tf.get_static_value(replica.replica_id_in_sync_group))


def local_rank() -> int:
    """Which of the replicas of this process this code is for."""
    strategy = tf.distribute.get_strategy()
    return rank() % len(strategy.extended.worker_devices)


def local_orders(
    strategy: tf.distribute.Strategy, order: np.ndarray, batch_size: int
) -> list[tuple[int, np.ndarray]]:
    """Of each replica of this process, how many samples it takes of a batch, and which.

    Only of the last batch it may take fewer.
    """
    count = strategy.num_replicas_in_sync
    if count == 1:
        return [(batch_size, order)]
    ask = tf.function(lambda: strategy.run(lambda: tf.constant(rank())))
    ranks = strategy.experimental_local_results(ask())
    batches = [order[at : at + batch_size] for at in range(0, len(order), batch_size)]
    parts = [
        [batch[slice(*cut(len(batch), int(one), count, min)[:2])] for batch in batches]
        for one in ranks
    ]
    return [(len(own[0]), np.concatenate(own)) for own in parts]


def check_even(batch_size: int, replicas: int) -> None:
    """Refuse a batch of windows that replicas cannot share evenly.

    Raises:
        TrainingError: they cannot.
    """
    if batch_size % replicas:
        raise TrainingError(
            f"{replicas} replicas cannot share a batch of {batch_size} windows evenly. "
            f"Make the batch size a multiple of {replicas}."
        )


def own_part(batch: Tensor) -> Tensor:
    """The rows of a batch that fall to the replica that asks."""
    replica = tf.distribute.get_replica_context()
    rows = batch.shape[0] // replica.num_replicas_in_sync
    return batch[rank() * rows : (rank() + 1) * rows]


def local_parts(strategy: tf.distribute.Strategy, batch: Tensor) -> list[Tensor]:
    """The rows that fall to each replica of this process."""
    if strategy.num_replicas_in_sync == 1:
        return [batch]
    return list(strategy.experimental_local_results(strategy.run(own_part, (batch,))))


def whole(strategy: tf.distribute.Strategy, parts: list[Tensor]) -> Tensor:
    """The batch whose parts all replicas have."""
    if strategy.num_replicas_in_sync == 1:
        return parts[0]

    gathered = strategy.run(lambda: all_gather(parts[local_rank()]))
    return strategy.experimental_local_results(gathered)[0]


def all_gather(part: Tensor) -> Tensor:
    """The parts of all replicas below each other, on each."""
    part = tf.identity(part)  # on the replica's device, which gathering asks for
    return tf.distribute.get_replica_context().all_gather(part, axis=0)


def add_up(
    strategy: tf.distribute.Strategy, loss: Any, gradients: Any, weights: Any
) -> tuple[Tensor, Any]:
    """The sums of all replicas' losses and gradients, in one exchange."""
    values = [weight.value for weight in weights]
    reached = [n for n, gradient in enumerate(gradients) if gradient is not None]
    pairs = [(loss, values[0]), *((gradients[n], values[n]) for n in reached)]
    total, *added = strategy.extended.batch_reduce_to(tf.distribute.ReduceOp.SUM, pairs)
    sums = dict(zip(reached, added, strict=True))
    total = strategy.experimental_local_results(total)[0]
    return total, [sums.get(n) for n in range(len(values))]


def check_shareable(model: keras.Model) -> None:
    """Refuse a model whose loss is no mean over samples, or whose step is its own.

    Raises:
        ValueError: it is such a model.
    """
    of_its_own = type(model).train_step is not keras.Model.train_step
    losses = keras.tree.flatten(model.loss)
    if of_its_own or not all(_is_mean(loss) for loss in losses):
        raise ValueError(
            f"Model {model.name!r} cannot be trained on several replicas: that takes "
            "losses of Keras that are a mean over the samples, and Keras' own "
            "train_step."
        )


def _is_mean(loss: Any) -> bool:
    if isinstance(loss, keras.losses.Loss):
        return loss.reduction in ("sum_over_batch_size", "mean")
    return loss is None or isinstance(loss, str)


def apply(optimizer: keras.Optimizer, gradients: Any, weights: Any) -> None:
    """A step down gradients that were added up, taken on all replicas at once.

    Clipping, accumulation and decay then see what a process on its own would.
    """
    # Keras' loss scaling refuses to be called so, though it works so.
    step: Callable[..., None] = getattr(optimizer, "_common_apply", optimizer.apply)
    step(gradients, weights)
