"""Training a language model on a text, an epoch as few compiled graphs (sheet §7)."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasheet import ops
from kerasheet.errors import DataError
from kerasheet.language import SAMPLINGS, count_batches, gather
from kerasheet.language.arguments import refuse_other_ids
from kerasheet.models import stateful
from kerasheet.training.batches import Logs, check_ready, run_pass
from kerasheet.training.loop import Guard, run_epochs
from kerasheet.training.text_graph import Answer, Step, TextGraph
from kerasheet.training.text_sweep import Reading, TextSweep
from kerasheet.typing import Tensor

STEPS, STREAMS, SHORTEST = 32, 64, 2048
"""How a text is read to be measured: tokens at once, places at once at most, and tokens
from each place at least, for its state of zeros costs the first few."""


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
    guard: Guard | None = None,
    xla: bool | None = None,
) -> keras.callbacks.History:
    """Train a compiled language model on the mean cross-entropy of the next token.

    With random sampling every window begins with a state of zeros; with consecutive
    sampling it begins with the state that the window before it ended with, without a
    gradient through that border, and with zeros at the start of an epoch. Only the
    windows of `CHUNK` batches are in memory if `ids` is on disk.

    Args:
        model: what `kerasheet.models.rnn_lm` gave, compiled.
        ids: (tokens,), the text; an array, or a memory map of a file.
        windows: how the text is cut.
        epochs: passes over the text.
        validation_ids: (tokens,), a text to measure after every epoch, as `val_…`.
        seed: of the windows' offsets and order.
        callbacks: as for `kerasheet.training.fit`.
        verbose: as for `kerasheet.training.fit`.
        guard: what looks after the training, None for nothing.
        xla: whether XLA compiles the loop over the batches; None for what is faster, as
            in `kerasheet.training.compilation`.

    Returns:
        The history: per epoch the loss, in nats per token, and the perplexity.

    Raises:
        DataError: the text is too short for one batch of windows, or not a row of ids
            that the model knows.
        TrainingError: the loss is no longer a number, or the replicas of a strategy
            cannot share a batch evenly.
        ValueError: the model is not compiled, or an argument is out of range.

    Source: sheet §7.3, errata 42–44.
    """
    check_ready(model)
    refuse_other_ids("fit_text", ids, model.output_shape[-1])
    with model.distribute_strategy.scope():
        model.optimizer.build(model.trainable_variables)
    steps, batch_size, sampling = windows
    graph = TextGraph(
        model,
        _mean_loss(model),
        batch_size,
        carry=sampling == "consecutive",
        until_nan=True,
        xla=xla,
    )

    def plan(epoch: int) -> Reading:
        rng = np.random.default_rng((seed, epoch))
        starts = SAMPLINGS[sampling](len(ids), steps, batch_size, rng)
        return Reading(lambda chunk: gather(ids, chunk, steps), starts, len(starts))

    validate = None
    if validation_ids is not None:
        validate = _text_measure(model, xla)(validation_ids)
    return run_epochs(
        model,
        TextSweep(graph, plan, count_batches(len(ids), *windows)),
        validate,
        epochs=epochs,
        callbacks=callbacks,
        verbose=verbose,
        guard=guard,
    )


def text_evaluator(
    model: keras.Model, xla: bool | None = None
) -> Callable[[np.ndarray], Logs]:
    """A function from a text's ids to the loss and perplexity of a language model.

    Every token but the first counts. The text is read as up to `STREAMS` streams side
    by side, each from a state of zeros that is carried to its end. `xla` is as for
    `fit_text`, and ids that the model does not know are refused as there.
    """
    measure = _text_measure(model, xla)
    return lambda ids: run_pass(measure(ids))


def _text_measure(
    model: keras.Model, xla: bool | None
) -> Callable[[np.ndarray], TextSweep]:
    """From a text's ids to the pass that measures the model on it."""
    graphs: dict[int, TextGraph] = {}
    replicas = model.distribute_strategy.num_replicas_in_sync

    def measure(ids: np.ndarray) -> TextSweep:
        refuse_other_ids("Measuring a text", ids, model.output_shape[-1])
        if len(ids) < 2:
            raise DataError(
                f"A text of {len(ids)} tokens has none to predict. Use a longer one."
            )
        streams = max(1, min(STREAMS, len(ids) // SHORTEST))
        streams = -(-streams // replicas) * replicas
        if streams not in graphs:
            graphs[streams] = TextGraph(
                model, _total_loss(model), streams, carry=True, xla=xla
            )
        length = STEPS * -(-(len(ids) - 1) // (streams * STEPS))
        first = STEPS * np.arange(length // STEPS)
        starts = first[:, None] + length * np.arange(streams)
        reading = Reading(partial(_read, ids), starts, len(ids) - 1)
        return TextSweep(graphs[streams], lambda epoch: reading, len(starts))

    return measure


def _read(ids: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Windows as `gather` has them, with -1 where the text has ended."""
    places = starts[..., None] + np.arange(STEPS + 1)
    tokens = ids[np.minimum(places, len(ids) - 1)].astype(np.int32)
    return np.where(places < len(ids), tokens, -1)


def _total_loss(model: keras.Model) -> Step:
    """The sum over all labels that are not padding."""
    reader = stateful(model)

    def step(inputs: Tensor, labels: Tensor, state: Tensor) -> Answer:
        logits, state = reader([tf.maximum(inputs, 0), state], training=False)
        logits = tf.cast(logits, tf.float32)
        losses = ops.cross_entropy(logits, tf.maximum(labels, 0))
        return Answer(tf.reduce_sum(tf.where(labels >= 0, losses, 0.0)), state, [])

    return step


def _mean_loss(model: keras.Model) -> Step:
    """The mean over all labels, with its gradients; a replica has its share of it."""
    reader = stateful(model)
    replicas = model.distribute_strategy.num_replicas_in_sync

    def step(inputs: Tensor, labels: Tensor, state: Tensor) -> Answer:
        weights = [weight.value for weight in model.trainable_variables]
        with tf.GradientTape() as tape:
            logits, state = reader([inputs, state], training=True)
            logits = tf.cast(logits, tf.float32)
            loss = ops.cross_entropy(logits, labels, "mean") / replicas
            scaled = model.optimizer.scale_loss(loss)
        return Answer(loss, state, tape.gradient(scaled, weights))

    return step
