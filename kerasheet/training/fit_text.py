"""Training a language model on a text, an epoch as few compiled graphs (sheet §7)."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasheet import ops
from kerasheet.errors import DataError
from kerasheet.language import SAMPLINGS, count_batches, gather
from kerasheet.models import stateful
from kerasheet.training.loop import Logs, check_compiled, run_epochs
from kerasheet.typing import Tensor

STEPS, STREAMS = 32, 32
"""How a text is read to be measured: tokens at once, and places at once."""

CHUNK = 128
"""Batches handed to the device at once: more of a long text need not fit there."""


class Windows(NamedTuple):
    """How a text is cut.

    Attributes:
        steps: tokens that each window reads.
        batch_size: windows per step of the optimizer.
        sampling: `"random"` or `"consecutive"`.
    """

    steps: int
    batch_size: int
    sampling: str = "random"


def fit_text(
    model: keras.Model,
    ids: np.ndarray,
    windows: Windows,
    *,
    epochs: int,
    validation_ids: np.ndarray | None = None,
    seed: int = 0,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = "auto",
) -> keras.callbacks.History:
    """Train a compiled language model on the mean cross-entropy of the next token.

    With random sampling every window begins with a state of zeros; with consecutive
    sampling it begins with the state that the window before it ended with, without a
    gradient through that border, and with zeros at the start of an epoch. The loop over
    the batches is compiled by XLA. Only the windows of `CHUNK` batches are in memory if
    `ids` is on disk.

    Args:
        model: what `kerasheet.models.rnn_lm` gave, compiled.
        ids: (tokens,), the text; an array, or a memory map of a file.
        windows: how the text is cut.
        epochs: passes over the text.
        validation_ids: (tokens,), a text to measure after every epoch, as `val_…`.
        seed: of the windows' offsets and order.
        callbacks: as for `kerasheet.training.fit`.
        verbose: as for `kerasheet.training.fit`.

    Returns:
        The history: per epoch the loss, in nats per token, and the perplexity.

    Raises:
        DataError: the text is too short for one batch of windows.
        ValueError: the model is not compiled, or an argument is out of range.

    Source: sheet §7.3, errata 42–44.
    """
    check_compiled(model)
    model.optimizer.build(model.trainable_variables)
    carry = windows.sampling == "consecutive"
    train = _text_sweep(model, windows, _train_step(model), carry)
    sample = SAMPLINGS[windows.sampling]

    def run_epoch(epoch: int) -> Logs:
        rng = np.random.default_rng((seed, epoch))
        starts = sample(len(ids), windows.steps, windows.batch_size, rng)
        return train(
            lambda chunk: gather(ids, chunk, windows.steps), starts, len(starts)
        )

    validate = None
    if validation_ids is not None:
        validate = partial(text_evaluator(model), validation_ids)
    return run_epochs(
        model,
        run_epoch,
        validate,
        epochs=epochs,
        steps=count_batches(len(ids), *windows),
        callbacks=callbacks,
        verbose=verbose,
    )


def text_evaluator(model: keras.Model) -> Callable[[np.ndarray], Logs]:
    """A function from a text's ids to the loss and perplexity of a language model.

    Every token but the first counts. The text is read as up to `STREAMS` streams side
    by side, each from a state of zeros that is carried to its end.
    """
    sweeps: dict[int, Sweep] = {}

    def measure(ids: np.ndarray) -> Logs:
        if len(ids) < 2:
            raise DataError(
                f"A text of {len(ids)} tokens has none to predict. Use a longer one."
            )
        streams = max(1, min(STREAMS, len(ids) // (8 * STEPS)))
        if streams not in sweeps:
            windows = Windows(STEPS, streams, "consecutive")
            sweeps[streams] = _text_sweep(model, windows, _total_loss(model), True)
        length = STEPS * -(-(len(ids) - 1) // (streams * STEPS))
        first = STEPS * np.arange(length // STEPS)
        starts = first[:, None] + length * np.arange(streams)
        return sweeps[streams](lambda chunk: _read(ids, chunk), starts, len(ids) - 1)

    return measure


def _read(ids: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Windows as `gather` has them, with -1 where the text has ended."""
    places = starts[..., None] + np.arange(STEPS + 1)
    tokens = ids[np.minimum(places, len(ids) - 1)].astype(np.int32)
    return np.where(places < len(ids), tokens, -1)


Step = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""Of inputs, labels and the state, to a loss and the state after."""

Sweep = Callable[[Callable[[np.ndarray], np.ndarray], np.ndarray, int], Logs]
"""Of a reader of windows, where they begin, and what to divide all losses by."""


def _total_loss(model: keras.Model) -> Step:
    """The sum over all labels that are not padding."""
    reader = stateful(model)

    def step(inputs: Tensor, labels: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        logits, state = reader([tf.maximum(inputs, 0), state], training=False)
        logits = tf.cast(logits, tf.float32)
        losses = ops.cross_entropy(logits, tf.maximum(labels, 0))
        return tf.reduce_sum(tf.where(labels >= 0, losses, 0.0)), state

    return step


def _train_step(model: keras.Model) -> Step:
    reader = stateful(model)

    def step(inputs: Tensor, labels: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        weights = model.trainable_variables
        with tf.GradientTape() as tape:
            logits, state = reader([inputs, state], training=True)
            logits = tf.cast(logits, tf.float32)
            loss = ops.cross_entropy(logits, labels, "mean")
        gradients = tape.gradient(loss, [weight.value for weight in weights])
        model.optimizer.apply(gradients, weights)
        return loss, state

    return step


def _text_sweep(model: keras.Model, windows: Windows, step: Step, carry: bool) -> Sweep:
    """Compile a pass of `step` over windows of a text that begin at given places."""
    [_, state] = stateful(model).inputs
    zeros = tf.zeros((windows.batch_size, *state.shape[1:]), state.dtype)

    @tf.function(jit_compile=True, autograph=False)
    def run(tokens: Tensor, batches: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        def body(index: Tensor, state: Tensor, total: Tensor) -> tuple[Tensor, ...]:
            window = tokens[index]
            loss, after = step(window[:, :-1], window[:, 1:], state)
            return index + 1, after if carry else zeros, total + loss

        _, state, total = tf.while_loop(
            lambda index, *_: index < batches, body, (0, state, tf.constant(0.0))
        )
        return total, state

    def run_and_read(
        read: Callable[[np.ndarray], np.ndarray], starts: np.ndarray, weight: int
    ) -> Logs:
        state, total = zeros, 0.0
        size = min(CHUNK, len(starts))
        for first in range(0, len(starts), size):
            chunk = read(starts[first : first + size])
            batches = len(chunk)
            chunk = np.pad(chunk, ((0, size - batches), (0, 0), (0, 0)))
            loss, state = run(tf.constant(chunk), tf.constant(batches), state)
            total += float(loss)
        mean = total / weight
        return {"loss": mean, "perplexity": _exponential(mean)}

    return run_and_read


def _exponential(loss: float) -> float:
    return math.exp(loss) if loss < 700 else math.inf
