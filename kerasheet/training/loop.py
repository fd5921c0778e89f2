"""Epochs, with everything that Keras' callbacks expect of them."""

import time
from collections.abc import Callable, Iterable
from typing import Protocol

import keras
import numpy as np

from kerasheet.errors import TrainingError
from kerasheet.training.batches import Logs, Pass, check_count, run_pass
from kerasheet.training.state import State, read_arrays, write_arrays
from kerasheet.training.workers import Workers

CHUNK_SECONDS = 1.0
"""Batches of about so long are trained on between two looks at the world outside."""


class Guard(Protocol):
    """What looks after a training between its batches."""

    def resume(self) -> State | None:
        """Where an earlier training was; None to start anew."""

    def look(self, take: Callable[[], State], *, ended: bool, last: bool) -> None:
        """Called between batches, to keep what `take` gives if need be.

        `ended` says that an epoch has just ended, `last` that training has.
        """


def run_epochs(
    model: keras.Model,
    learn: Pass,
    validate: Pass | None,
    *,
    epochs: int,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    verbose: str | int = "auto",
    guard: Guard | None = None,
) -> keras.callbacks.History:
    """Train, validate and report, epoch by epoch.

    Args:
        model: what is trained; its `stop_training` ends it after the epoch.
        learn: the batches to train on.
        validate: those held out, None to do without.
        epochs: how many.
        callbacks: as for `model.fit`. Of the methods for batches only
            `on_train_batch_end` is called, once an epoch, after its last batch. Those
            with `get_state()`, a dict of arrays, and `set_state(arrays)` are resumed.
        verbose: as for `model.fit`.
        guard: what looks after the training, None for nothing.

    Returns:
        The history.

    Raises:
        TrainingError: the loss is no longer a number, or a weight that is to be kept.
    """
    check_count("epochs", epochs)
    training = _Training(model, learn, validate, epochs, guard)
    training.add_callbacks(list(callbacks), verbose)
    return training.run()


class _Training:
    """Where a training is, and how it goes on from there."""

    def __init__(
        self,
        model: keras.Model,
        learn: Pass,
        validate: Pass | None,
        epochs: int,
        guard: Guard | None,
    ) -> None:
        self.model, self.learn, self.validate = model, learn, validate
        self.epochs, self.guard = epochs, guard
        self.workers = Workers(model.distribute_strategy)
        self.epoch, self.step = 0, 0
        self.logs: Logs | None = None  # of the epoch's training, once it is through
        self.chunk = 1

    def add_callbacks(
        self, callbacks: list[keras.callbacks.Callback], verbose: str | int
    ) -> None:
        self.callbacks, self.history = callbacks, keras.callbacks.History()
        self.calls = keras.callbacks.CallbackList(
            [*callbacks, self.history],
            add_progbar=verbose != 0,
            verbose=1 if verbose == "auto" else verbose,
            epochs=self.epochs,
            steps=self.learn.steps,
            model=self.model,
        )

    def run(self) -> keras.callbacks.History:
        logs: Logs = {}
        self.model.stop_training = False
        self.model.history = self.history
        self.calls.on_train_begin()
        try:
            state = self.guard.resume() if self.guard else None
            self.learn.begin(self.epoch)
            if state is not None:
                self.write_state(state)
            while not self.is_over():
                logs = self.run_epoch()
        finally:
            self.calls.on_train_end(logs)
        return self.history

    def is_over(self) -> bool:
        return self.epoch == self.epochs or bool(self.model.stop_training)

    def run_epoch(self) -> Logs:
        self.calls.on_epoch_begin(self.epoch)
        if self.logs is None:
            self.train()
        logs = dict(self.logs or {})
        if self.validate is not None:
            figures = run_pass(self.validate, self.epoch)
            logs |= {f"val_{name}": value for name, value in figures.items()}
        self.calls.on_epoch_end(self.epoch, logs)
        [self.model.stop_training] = self.workers.any(bool(self.model.stop_training))
        self.epoch, self.step, self.logs = self.epoch + 1, 0, None
        if not self.is_over():
            self.learn.begin(self.epoch)
        self.look(ended=True)
        return logs

    def train(self) -> None:
        """Go through the rest of the epoch's batches, some at a time."""
        steps = self.learn.steps
        while self.step < steps:
            last, started = min(steps, self.step + self.chunk), time.perf_counter()
            reached = self.learn.run(self.step, last)
            if reached < last:
                raise TrainingError(
                    f"The loss is no longer a number in {self.place(reached + 1)}. Try "
                    "a smaller learning rate."
                )
            pace = (last - self.step) / (time.perf_counter() - started)
            chunk = max(1, min(8 * self.chunk, int(CHUNK_SECONDS * pace)))
            self.chunk = self.workers.least(chunk)
            self.step = last
            if last < steps:
                self.look()
        self.logs = self.learn.figures()
        self.calls.on_train_batch_end(steps - 1, self.logs)
        self.look()

    def look(self, ended: bool = False) -> None:
        if self.guard is not None:
            self.guard.look(self.read_state, ended=ended, last=ended and self.is_over())

    def place(self, step: int) -> str:
        """A step, counted from 1, in words; step 0 is the last of the epoch before."""
        epoch, steps = self.epoch + (step > 0), self.learn.steps
        return f"epoch {epoch}, step {step or steps} of {steps}"

    def read_state(self) -> State:
        if not all(np.isfinite(one).all() for one in self.model.get_weights()):
            raise TrainingError(
                f"The weights are no longer numbers after {self.place(self.step)}. Try "
                "a smaller learning rate."
            )
        facts = {
            "epoch": self.epoch,
            "step": self.step,
            "logs": self.logs,
            "history": self.history.history,
            "over": bool(self.model.stop_training),
        }
        arrays = read_arrays(self.model, self.callbacks)
        own = {f"pass/{name}": a for name, a in self.learn.read_state().items()}
        return State(facts, arrays | own)

    def write_state(self, state: State) -> None:
        facts = state.facts
        self.epoch, self.step, self.logs = (
            facts[name] for name in ("epoch", "step", "logs")
        )
        self.history.history = {name: list(v) for name, v in facts["history"].items()}
        self.history.epoch = list(range(self.epoch))
        self.learn.begin(self.epoch)
        write_arrays(state.arrays, self.model, self.callbacks)
        self.learn.write_state(state.part("pass"))
        self.model.stop_training = facts["over"]
