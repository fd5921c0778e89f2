"""What a sweep over samples does with a batch on several replicas."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import keras
import tensorflow as tf

from kerasheet.training.replicas import Part, add_up, apply, cut, rank
from kerasheet.typing import Tensor


class Fetch(Protocol):
    """Gets x and y of a batch, or of a part of it."""

    def __call__(
        self, source: Any, index: Tensor, part: Part | None = None, /
    ) -> tuple[Tensor, Tensor]: ...


def compile_batches(
    model: keras.Model,
    fetch: Fetch,
    change: Callable[[Tensor, Tensor], Tensor] | None,
    sizes: tuple[int, int],
    learning: bool,
) -> Callable[..., tuple[Tensor, Mapping[str, Tensor]]]:
    """What a `Sweep` runs, on several replicas.

    Args:
        model: compiled, and made under the strategy's scope.
        fetch: gets the samples of a part.
        change: as for `Sweep`; each replica has numbers of its own.
        sizes: samples in all, and in a batch.
        learning: whether to train; else to measure.
    """
    strategy = model.distribute_strategy
    replicas = strategy.num_replicas_in_sync
    count, batch_size = sizes

    def part_of(source: Any, before: Tensor, index: Tensor) -> Any:
        size = tf.minimum(batch_size, count - index * batch_size)
        own = rank()
        part = cut(size, own, replicas)
        x, y = fetch(source, index, part)
        if change is not None:
            number = before + tf.cast(index, tf.int64)
            x = change(x, number * replicas + own)
        if not learning:
            return test_part(model, x, y, part.rows)
        return train_part(model, x, y, part.rows, part.rows / size)

    def body(source: Any, before: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        answers = strategy.run(part_of, (source, before, index))
        if not learning:
            return index + 1, tf.constant(True)
        weights = model.trainable_variables
        losses, gradients = answers
        loss, sums = add_up(strategy, losses, gradients, weights)
        apply(model.optimizer, sums, weights)
        good = tf.math.is_finite(loss)
        return tf.where(good, index + 1, index), good

    def run(source: Any, before: Tensor, first: Tensor, last: Tensor) -> Any:
        index, _ = tf.while_loop(
            lambda index, good: good & (index < last),
            lambda index, good: body(source, before, index),
            (first, tf.constant(True)),
            parallel_iterations=1,
        )
        return index, model.get_metrics_result()

    # A partial, for TensorFlow to count the traces of each sweep on their own.
    return tf.function(partial(run), autograph=False, reduce_retracing=True)


def train_part(
    model: keras.Model, x: Tensor, y: Tensor, rows: Tensor, share: Tensor
) -> tuple[Tensor, list[Tensor]]:
    """Loss and gradients of a part of a batch, to be added up over the replicas.

    Args:
        model: compiled.
        x: of the part.
        y: of the part.
        rows: how many samples count.
        share: that is, of the whole batch.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    with tf.GradientTape() as tape:
        outputs = model(x, training=True)
        # Keras divides the mean over a part by the number of replicas.
        mean = model.compute_loss(x, y, outputs, training=True) * replicas
        loss = mean * tf.cast(share, mean.dtype)
        scaled = model.optimizer.scale_loss(loss)
    weights = [weight.value for weight in model.trainable_variables]
    _count(model, x, y, outputs, mean, rows)
    return loss, tape.gradient(scaled, weights)


def test_part(model: keras.Model, x: Tensor, y: Tensor, rows: Tensor) -> None:
    """Have the metrics count a part of a batch."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    outputs = model(x, training=False)
    mean = model.compute_loss(x, y, outputs, training=False) * replicas
    _count(model, x, y, outputs, mean, rows)


def _count(
    model: keras.Model, x: Tensor, y: Tensor, outputs: Any, loss: Tensor, rows: Tensor
) -> None:
    def count() -> Tensor:
        model._loss_tracker.update_state(loss, sample_weight=rows)
        model.compute_metrics(x, y, outputs)
        return True

    tf.cond(rows > 0, count, lambda: False)
