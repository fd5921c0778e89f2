"""A pass over the windows of a text, many batches as one compiled graph."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasheet.models import stateful
from kerasheet.training.batches import Logs
from kerasheet.training.replicas import (
    add_up,
    apply,
    check_even,
    local_parts,
    local_rank,
    own_part,
    whole,
)
from kerasheet.training.state import Arrays
from kerasheet.typing import Tensor

CHUNK = 128
"""Batches handed to the device at once: more of a long text need not fit there."""


class Reading(NamedTuple):
    """The windows of a text, in batches.

    Attributes:
        read: from (batches, batch_size) starts to (batches, batch_size, steps + 1) ids.
        starts: (batches, batch_size), where the windows begin.
        weight: what to divide the sum of all losses by.
    """

    read: Callable[[np.ndarray], np.ndarray]
    starts: np.ndarray
    weight: int


class Answer(NamedTuple):
    """What a batch of windows comes to.

    Attributes:
        loss: to be added up over the replicas of a strategy.
        state: the hidden state after it.
        gradients: likewise, of every trainable weight; none if nothing is learned.
    """

    loss: Tensor
    state: Tensor
    gradients: Sequence[Tensor]


Step = Callable[[Tensor, Tensor, Tensor], Answer]
"""Of inputs, labels and the state."""


class TextGraph:
    """Batches of windows, one after the other, as one compiled graph.

    XLA compiles it. On several replicas it does not: they talk between batches.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.
        step: what to do with a batch.
        batch_size: windows in it.
        carry: whether a batch begins with the state that the one before ended with.
        until_nan: whether to stop at a loss that is no number.

    Raises:
        TrainingError: the replicas cannot share a batch evenly.
    """

    def __init__(
        self,
        model: keras.Model,
        step: Step,
        batch_size: int,
        *,
        carry: bool,
        until_nan: bool = False,
    ) -> None:
        [_, state] = stateful(model).inputs
        zeros = tf.zeros((batch_size, *state.shape[1:]), state.dtype)
        self.start = zeros, tf.constant(0.0, tf.float64)
        self.strategy = model.distribute_strategy
        self.replicas = self.strategy.num_replicas_in_sync
        check_even(batch_size, self.replicas)

        @tf.function(jit_compile=self.replicas == 1, autograph=False)
        def run(
            tokens: Tensor, first: Tensor, last: Tensor, state: Tensor, total: Tensor
        ) -> Any:
            def body(
                index: Tensor, _: Tensor, states: list[Tensor], total: Tensor
            ) -> tuple[Any, ...]:
                loss, after = self._take_step(model, step, tokens[index], states)
                good = tf.math.is_finite(loss) if until_nan else tf.constant(True)
                total += tf.cast(loss, tf.float64)
                after = after if carry else states
                return tf.where(good, index + 1, index), good, after, total

            index, good, states, total = tf.while_loop(
                lambda index, good, *_: good & (index < last),
                body,
                (first, tf.constant(True), local_parts(self.strategy, state), total),
            )
            return index, good, whole(self.strategy, states), total

        self.run = run

    def _take_step(
        self, model: keras.Model, step: Step, window: Tensor, states: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """The loss and each local replica's state after a batch."""
        weights = model.trainable_variables
        if self.replicas == 1:
            loss, after, gradients = step(window[:, :-1], window[:, 1:], states[0])
            if gradients:
                model.optimizer.apply(gradients, weights)
            return loss, [after]

        def part_of(window: Tensor) -> Answer:
            own = own_part(window)
            return step(own[:, :-1], own[:, 1:], states[local_rank()])

        losses, after, gradients = self.strategy.run(part_of, (window,))
        if gradients:
            apply(model.optimizer, add_up(self.strategy, gradients, weights), weights)
        loss = self.strategy.reduce("SUM", losses, axis=None)
        return loss, list(self.strategy.experimental_local_results(after))


class TextSweep:
    """The windows of an epoch, as `kerasheet.training.batches.Pass` wants them.

    Args:
        graph: what to do with them.
        plan: from the number of an epoch to its windows.
        steps: how many batches they make.
    """

    def __init__(
        self, graph: TextGraph, plan: Callable[[int], Reading], steps: int
    ) -> None:
        self.graph, self.plan, self.steps = graph, plan, steps
        self.chunk = min(CHUNK, steps)

    def begin(self, epoch: int) -> None:
        """Go to the first batch of an epoch."""
        self.reading = self.plan(epoch)
        self.state, self.total = self.graph.start
        self.loaded: int | None = None

    def run(self, first: int, last: int) -> int:
        """Go through some batches; training stops at a loss that is no number."""
        while first < last:
            start = first - first % self.chunk
            stop = min(last, start + self.chunk)
            if self.loaded != start:
                self._load(start)
            index, _, self.state, self.total = self.graph.run(
                self.tokens,
                tf.constant(first - start),
                tf.constant(stop - start),
                self.state,
                self.total,
            )
            first = start + int(index)
            if first < stop:
                break
        return first

    def figures(self) -> Logs:
        """The mean loss, in nats per token, and the perplexity."""
        loss = float(self.total) / self.reading.weight
        return {
            "loss": loss,
            "perplexity": math.exp(loss) if loss < 700 else math.inf,
        }

    def read_state(self) -> Arrays:
        """The model's hidden state, and the sum of the losses."""
        state = tf.cast(self.state, tf.float32)  # NumPy has no bfloat16 files
        return {"state": state.numpy(), "total": self.total.numpy()}

    def write_state(self, arrays: Arrays) -> None:
        """Take what `read_state` gave."""
        self.state = tf.cast(arrays["state"], self.state.dtype)
        self.total = tf.constant(arrays["total"])

    def _load(self, start: int) -> None:
        """Put the windows of a chunk on the device; the last chunk is filled up."""
        windows = self.reading.read(self.reading.starts[start : start + self.chunk])
        missing = self.chunk - len(windows)
        windows = np.pad(windows, ((0, missing), (0, 0), (0, 0)))
        self.tokens, self.loaded = tf.constant(windows), start
