"""Stopping when held-out data gets no better."""

from typing import Any

import keras
import numpy as np

from kerasheet.training.state import Arrays


class Patience(keras.callbacks.Callback):
    """Ends training after some epochs without gain, with the best weights so far.

    It is Keras' `EarlyStopping("val_loss", restore_best_weights=True)`, made to survive
    the end of the process.

    Args:
        epochs: without a lower loss on held-out data, after which training ends.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget an earlier training."""
        self.best, self.waited = np.inf, 0
        self.weights: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the weights if they are the best, and stop if none were for long."""
        loss = float((logs or {})["val_loss"])
        if loss < self.best or not self.weights:
            self.best, self.waited = loss, 0
            self.weights = self.model.get_weights()
            return
        self.waited += 1
        if self.waited >= self.epochs:
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Go back to the best weights."""
        if self.weights:
            self.model.set_weights(self.weights)

    def get_state(self) -> dict[str, np.ndarray]:
        """What a checkpoint has to hold."""
        weights = {f"{number:06}": value for number, value in enumerate(self.weights)}
        return {"best": np.array(self.best), "waited": np.array(self.waited), **weights}

    def set_state(self, arrays: Arrays) -> None:
        """Take what `get_state` gave."""
        self.best, self.waited = float(arrays["best"]), int(arrays["waited"])
        names = sorted(set(arrays) - {"best", "waited"})
        self.weights = [arrays[name] for name in names]
