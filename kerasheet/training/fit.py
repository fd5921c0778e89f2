"""Training on data in memory, an epoch as one compiled graph."""

from collections.abc import Callable, Iterable, Mapping

import keras
import numpy as np
import tensorflow as tf

from kerasheet.training.loop import Logs, check_compiled, check_count, run_epochs
from kerasheet.typing import Tensor


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
    samples are shuffled every epoch by Keras' seed (`keras.utils.set_random_seed`).

    Args:
        model: a compiled Keras model on the TensorFlow backend.
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
    run_epoch = sweep(model, model.train_step, x, y, batch_size)
    validate = None
    if validation_data is not None:
        validate = sweep(model, model.test_step, *validation_data, batch_size)
    model.optimizer.build(model.trainable_variables)
    return run_epochs(
        model,
        lambda epoch: run_epoch(keras.random.shuffle(tf.range(len(x)))),
        validate,
        epochs=epochs,
        steps=-(-len(x) // batch_size),
        callbacks=callbacks,
        verbose=verbose,
    )


def evaluate(
    model: keras.Model, x: np.ndarray, y: np.ndarray, batch_size: int = 256
) -> Logs:
    """Mean loss and metrics of a compiled model over all samples, as one graph.

    Raises:
        ValueError: as for `fit`.
    """
    return sweep(model, model.test_step, x, y, batch_size)()


def sweep(
    model: keras.Model,
    step: Callable[[tuple[Tensor, Tensor]], Mapping[str, Tensor]],
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
) -> Callable[..., Logs]:
    """Compile a pass of `step` over all samples, in an order given at each call."""
    check_compiled(model)
    _check_samples(x, y)
    check_count("batch_size", batch_size)
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    _build_metrics(model, x[:1], y[:1])
    batch_size = min(batch_size, len(x))
    full_batches, rest = divmod(len(x), batch_size)

    def run_batch(order: Tensor) -> None:
        step((tf.gather(x, order), tf.gather(y, order)))

    @tf.function(autograph=False, reduce_retracing=True)
    def run(order: Tensor) -> Mapping[str, Tensor]:
        def body(index: Tensor) -> tuple[Tensor]:
            run_batch(order[index * batch_size : (index + 1) * batch_size])
            return (index + 1,)

        tf.while_loop(lambda index: index < full_batches, body, [tf.constant(0)])
        if rest:
            run_batch(order[-rest:])
        return model.get_metrics_result()

    def run_and_read(order: Tensor | None = None) -> Logs:
        model.reset_metrics()
        order = tf.range(len(x)) if order is None else order
        return {name: float(value) for name, value in run(order).items()}

    return run_and_read


def _check_samples(x: np.ndarray, y: np.ndarray) -> None:
    if len(x) == 0 or len(x) != len(y):
        raise ValueError(
            "Training needs as many labels as samples, and at least one. "
            f"Received: {len(x)} samples and {len(y)} labels."
        )


def _build_metrics(model: keras.Model, x: Tensor, y: Tensor) -> None:
    """Create the metrics' variables, which a compiled graph may not."""
    outputs = model(x, training=False)
    model.compute_loss(x, y, outputs)
    model.compute_metrics(x, y, outputs)
