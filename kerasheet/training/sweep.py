"""A pass over samples in memory or on disk, many batches as one compiled graph."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasheet.data import Examples, Samples
from kerasheet.errors import DataError, TrainingError
from kerasheet.training.batches import (
    Logs,
    build_metrics,
    check_count,
    check_ready,
    check_samples,
)
from kerasheet.training.compilation import refused_operation
from kerasheet.training.replica_sweep import Fetch, compile_batches
from kerasheet.training.replicas import Part, check_shareable, local_orders, local_rank
from kerasheet.training.state import Arrays
from kerasheet.typing import Tensor

Step = Callable[[tuple[Tensor, Tensor]], Mapping[str, Tensor]]
"""Of a batch, to the loss and the metrics of the epoch so far."""

Change = Callable[[Tensor, Tensor], Tensor]
"""Of the x of a batch and its number, to another x."""


class Sweep:
    """The batches of an epoch, as `kerasheet.training.batches.Pass` wants them.

    Samples in memory are put on the device once, and each batch gathered there by
    index; others are read ahead of their use.

    Args:
        model: compiled.
        step: the model's `train_step` or `test_step`.
        samples: what to go through.
        batch_size: samples a batch; the last one may be smaller.
        order: from the number of an epoch to the positions of its samples; None for
            the order they have.
        change: what to do first to the images of a batch of that number, counted on
            from epoch to epoch; None for nothing.

    Raises:
        ValueError: the model is not compiled, there are no samples, they and their
            labels differ in number, or `batch_size` is not a positive int.
    """

    def __init__(
        self,
        model: keras.Model,
        step: Step,
        samples: Samples,
        batch_size: int,
        *,
        order: Callable[[int], np.ndarray] | None = None,
        change: Change | None = None,
    ) -> None:
        check_ready(model)
        check_samples(samples)
        check_count("batch_size", batch_size)
        count = len(samples.y)
        self.model, self.samples = model, samples
        self.strategy = model.distribute_strategy
        self.batch_size = min(batch_size, count)
        self.steps = -(-count // self.batch_size)
        self.order = order or (lambda epoch: np.arange(count))
        fetch: Fetch = _next
        if isinstance(samples, Examples):
            fetch = _gather(samples, self.batch_size)
        first = samples.subset(np.arange(1)).load()
        with self.strategy.scope():
            build_metrics(model, tf.convert_to_tensor(first.x), first.y)
        learning = step == model.train_step
        if self.strategy.num_replicas_in_sync > 1:
            check_shareable(model)
            sizes = count, self.batch_size
            self.batches = compile_batches(model, fetch, change, sizes, learning)
        else:
            self.batches = _compile(model, step, fetch, change, until_nan=learning)

    def begin(self, epoch: int) -> None:
        """Go to the first batch of an epoch."""
        self.model.reset_metrics()
        self.positions = self.order(epoch)
        self.before = tf.constant(epoch * self.steps, tf.int64)
        self.source: Any = None
        self.at: int | None = None
        self.result: Mapping[str, Tensor] = {}

    def run(self, first: int, last: int) -> int:
        """Go through some batches; training stops at a loss that is no number.

        Raises:
            DataError: a sample on disk can no longer be read.
            TrainingError: XLA is on, and cannot compile the model.
        """
        if self.at != first:
            self.source = self._open(first)
        try:
            index, self.result = self.batches(
                self.source, self.before, tf.constant(first), tf.constant(last)
            )
        except tf.errors.OpError as error:
            raise _meant_for_people(error, self.model) from error
        self.at = int(index)
        return self.at

    def figures(self) -> Logs:
        """The mean of the loss and of every metric."""
        return {name: float(value) for name, value in self.result.items()}

    def read_state(self) -> Arrays:
        """Nothing: the metrics are the model's, and the order the epoch's."""
        return {}

    def write_state(self, arrays: Arrays) -> None:
        """Nothing to take."""

    def _open(self, first: int) -> Any:
        """Where the graph finds the batches from this one on."""
        if isinstance(self.samples, Examples):
            return tf.constant(self.positions)
        order = self.positions[first * self.batch_size :]
        return [
            iter(self.samples.batches(size, order=own))
            for size, own in local_orders(self.strategy, order, self.batch_size)
        ]


def _gather(samples: Examples, batch_size: int) -> Fetch:
    x, y = tf.convert_to_tensor(samples.x), tf.convert_to_tensor(samples.y)

    def fetch(
        order: Tensor, index: Tensor, part: Part | None = None
    ) -> tuple[Tensor, Tensor]:
        rows = order[index * batch_size : (index + 1) * batch_size]
        if part is not None:
            rows = rows[part.first : part.last]
        with tf.device(x.device):  # where they are: only the rows move
            return tf.gather(x, rows), tf.gather(y, rows)

    return fetch


def _next(
    batches: Any, index: Tensor, part: Part | None = None
) -> tuple[Tensor, Tensor]:
    return next(batches[0 if part is None else local_rank()])


def _compile(
    model: keras.Model,
    step: Step,
    fetch: Fetch,
    change: Change | None,
    until_nan: bool,
) -> Callable[..., tuple[Tensor, Mapping[str, Tensor]]]:
    """From where batches come, the batches before this epoch, the first and the last.

    It gives the step that was reached, and the figures so far. XLA compiles the step if
    the model says so, once for every size of a batch.
    """
    if model.jit_compile:
        step = tf.function(partial(step), autograph=False, jit_compile=True)

    def run(source: Any, before: Tensor, first: Tensor, last: Tensor) -> Any:
        def body(index: Tensor, good: Tensor) -> tuple[Tensor, Tensor]:
            x, y = fetch(source, index)
            if change is not None:
                x = change(x, before + tf.cast(index, tf.int64))
            figures = step((x, y))
            if until_nan and "loss" in figures:
                good = tf.math.is_finite(figures["loss"])
            return tf.where(good, index + 1, index), good

        index, _ = tf.while_loop(
            lambda index, good: good & (index < last), body, (first, True)
        )
        return index, model.get_metrics_result()

    # A partial, for TensorFlow to count the traces of each sweep on their own.
    return tf.function(partial(run), autograph=False, reduce_retracing=True)


def _meant_for_people(error: tf.errors.OpError, model: keras.Model) -> Exception:
    """What a reader of samples or XLA said, out of what TensorFlow made of it."""
    if operation := refused_operation(error.message):
        return TrainingError(
            f"XLA cannot compile the operation {operation} of model {model.name!r}. "
            "Leave it off: jit_compile=False in model.compile, --no-xla on the command "
            "line."
        )
    said = re.search(r"DataError: (.+)", error.message)
    return DataError(said[1]) if said else error
