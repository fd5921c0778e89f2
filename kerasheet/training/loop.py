"""Epochs, with everything that Keras' callbacks expect of them."""

from collections.abc import Callable, Iterable

import keras

Logs = dict[str, float]


def run_epochs(
    model: keras.Model,
    run_epoch: Callable[[int], Logs],
    validate: Callable[[], Logs] | None,
    *,
    epochs: int,
    steps: int,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = "auto",
) -> keras.callbacks.History:
    """Train, validate and report, epoch by epoch.

    Args:
        model: what is trained; its `stop_training` ends it after the epoch.
        run_epoch: trains for the epoch of that number, and gives its figures.
        validate: gives the figures on held-out data, None to do without.
        epochs: how many.
        steps: of each epoch.
        callbacks: as for `model.fit`. Of the methods for batches only
            `on_train_batch_end` is called, once an epoch, after its last batch.
        verbose: as for `model.fit`.

    Returns:
        The history.
    """
    check_count("epochs", epochs)
    calls = keras.callbacks.CallbackList(
        list(callbacks),
        add_history=True,
        add_progbar=verbose != 0,
        verbose=1 if verbose == "auto" else verbose,
        epochs=epochs,
        steps=steps,
        model=model,
    )
    model.stop_training = False
    calls.on_train_begin()
    logs: Logs = {}
    try:
        for epoch in range(epochs):
            calls.on_epoch_begin(epoch)
            logs = run_epoch(epoch)
            calls.on_train_batch_end(steps - 1, logs)
            if validate is not None:
                logs |= {f"val_{name}": value for name, value in validate().items()}
            calls.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    finally:
        calls.on_train_end(logs)
    return model.history


def check_compiled(model: keras.Model) -> None:
    """Refuse a model without an optimizer.

    Raises:
        ValueError: the model is not compiled.
    """
    if not model.compiled:
        raise ValueError(f"Model {model.name!r} is not compiled: call compile() first.")


def check_count(name: str, value: int) -> None:
    """Refuse anything but a positive int.

    Raises:
        ValueError: it is something else.
    """
    if type(value) is not int or value < 1:
        raise ValueError(
            f"Training needs `{name}` to be a positive int. Received: {name}={value!r}."
        )
