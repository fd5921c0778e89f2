"""Batches of windows of a text, compiled."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from kerasheet.models import stateful
from kerasheet.training.compilation import compile_text
from kerasheet.training.replicas import (
    add_up,
    apply,
    check_even,
    local_parts,
    local_rank,
    own_part,
    whole,
)
from kerasheet.typing import Tensor


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

    On several replicas XLA stays off: they talk between batches.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.
        step: what to do with a batch.
        batch_size: windows in it.
        carry: whether a batch begins with the state that the one before ended with.
        until_nan: whether to stop at a loss that is no number.
        xla: whether XLA compiles it; None for what is faster.

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
        xla: bool | None = None,
    ) -> None:
        [_, state] = stateful(model).inputs
        zeros = tf.zeros((batch_size, *state.shape[1:]), state.dtype)
        self.start = zeros, tf.constant(0.0, tf.float64)
        self.strategy = model.distribute_strategy
        self.replicas = self.strategy.num_replicas_in_sync
        check_even(batch_size, self.replicas)

        @tf.function(
            jit_compile=compile_text(xla) and self.replicas == 1, autograph=False
        )
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
            loss, sums = add_up(self.strategy, losses, gradients, weights)
            apply(model.optimizer, sums, weights)
        else:
            loss = self.strategy.reduce("SUM", losses, axis=None)
        return loss, list(self.strategy.experimental_local_results(after))
