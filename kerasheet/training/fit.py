"""Training on samples, an epoch as few compiled graphs."""

from collections.abc import Callable, Iterable

import keras
import numpy as np
import tensorflow as tf

from kerasheet.data import Examples, Samples
from kerasheet.training.batches import Logs, run_pass
from kerasheet.training.loop import Guard, run_epochs
from kerasheet.training.sweep import Change, Sweep
from kerasheet.training.workers import Workers
from kerasheet.typing import Tensor

Augment = Callable[[Tensor, Tensor], Tensor]
"""Of (batch, height, width, channels) and a seed, (2,) int64, to images alike."""


def fit(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    batch_size: int,
    epochs: int,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = "auto",
) -> keras.callbacks.History:
    """Train a compiled model like `model.fit`, without a trip to Python every step.

    The samples stay on the device; a compiled loop gathers each batch by index. The
    samples are shuffled every epoch by Keras' seed (`keras.utils.set_random_seed`). A
    model that was made and compiled in the scope of a `MirroredStrategy` or
    `MultiWorkerMirroredStrategy` trains on all its replicas, each with its part of
    every batch, to the same weights as on one; call `fit` outside of the scope, and
    alike in every worker. Each call compiles its loop anew, about a second: call it
    once with many epochs, and look on with callbacks.

    Args:
        model: a compiled Keras model on the TensorFlow backend. XLA compiles the step
            if `model.jit_compile` says so: `compile(jit_compile=True)` or `False`
            forces it, `"auto"` chooses by the device, off on a processor.
        x: (samples, ...).
        y: (samples, ...).
        batch_size: samples per step; the last batch of an epoch may be smaller.
        epochs: passes over the samples.
        validation_data: (x, y) to evaluate on after every epoch, as `val_…`.
        callbacks: as for `model.fit`. Of the methods for batches only
            `on_train_batch_end` is called, once an epoch, after its last batch.
        verbose: as for `model.fit`.

    Returns:
        The history: per epoch the mean of the loss and of every metric.

    Raises:
        TrainingError: the loss is no longer a number, or XLA cannot compile the model.
        ValueError: the model is not compiled, there are no samples, x and y differ in
            number, or `batch_size` or `epochs` is not a positive int.

    Example:
    >>> from kerasheet.models import softmax_regression
    >>> model = softmax_regression()
    >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile("sgd", loss)
    >>> x, y = np.zeros((8, 28, 28, 1), "float32"), np.zeros(8, "int32")
    >>> history = fit(model, x, y, batch_size=4, epochs=2, verbose=0)
    >>> list(history.history), history.epoch
    (['loss'], [0, 1])
    """
    return fit_samples(
        model,
        Examples(x, y),
        batch_size=batch_size,
        epochs=epochs,
        validation=None if validation_data is None else Examples(*validation_data),
        seed=Workers(model.distribute_strategy).least(
            int(keras.random.randint((), 0, 2**31 - 1))
        ),
        callbacks=callbacks,
        verbose=verbose,
    )


def fit_samples(
    model: keras.Model,
    samples: Samples,
    *,
    batch_size: int,
    epochs: int,
    seed: int,
    validation: Samples | None = None,
    augment: Augment | None = None,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = "auto",
    guard: Guard | None = None,
) -> keras.callbacks.History:
    """Train on samples in memory or on disk: both end with the same weights.

    Args:
        model: as for `fit`.
        samples: to train on.
        batch_size: as for `fit`.
        epochs: as for `fit`.
        seed: the order of the samples is a function of it and of the epoch.
        validation: samples to evaluate on after every epoch, as `val_…`.
        augment: changes the images of a batch, given also (seed, step), where steps
            count on from epoch to epoch; None to leave them as they are.
        callbacks: as for `fit`.
        verbose: as for `fit`.
        guard: what looks after the training, None for nothing.

    Returns:
        The history, as `fit`.

    Raises:
        DataError: a sample on disk can no longer be read.
        TrainingError: the loss is no longer a number.
        ValueError: as for `fit`.
    """
    learn = Sweep(
        model,
        model.train_step,
        samples,
        batch_size,
        order=lambda epoch: _shuffled(len(samples.y), seed, epoch),
        change=None if augment is None else _by_step(augment, seed),
    )
    validate = None
    if validation is not None:
        validate = Sweep(model, model.test_step, validation, batch_size)
    with model.distribute_strategy.scope():
        model.optimizer.build(model.trainable_variables)
    return run_epochs(
        model,
        learn,
        validate,
        epochs=epochs,
        callbacks=callbacks,
        verbose=verbose,
        guard=guard,
    )


def evaluate(
    model: keras.Model, x: np.ndarray, y: np.ndarray, batch_size: int = 256
) -> Logs:
    """Mean loss and metrics of a compiled model over all samples, as one graph.

    Raises:
        ValueError: as for `fit`.
    """
    return evaluate_samples(model, Examples(x, y), batch_size)


def evaluate_samples(
    model: keras.Model, samples: Samples, batch_size: int = 256
) -> Logs:
    """`evaluate` on samples in memory or on disk.

    Raises:
        DataError: a sample on disk can no longer be read.
        ValueError: as for `fit`.
    """
    return run_pass(Sweep(model, model.test_step, samples, batch_size))


def _shuffled(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng((seed, epoch)).permutation(count)


def _by_step(augment: Augment, seed: int) -> Change:
    return lambda images, step: augment(images, tf.stack([np.int64(seed), step]))
