"""Trainings of the same network on the same samples, that go on epoch by epoch."""

import sys
from collections.abc import Callable
from pathlib import Path
from threading import Semaphore, Thread
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).parents[1] / "tests" / "library"))

import keras
import keras_networks
import numpy as np
import torch
import torch_networks

from kerasheet.models import MODELS
from kerasheet.training import fit


class Samples(NamedTuple):
    """Gray images and their classes, in the order of an epoch's batches."""

    x: np.ndarray
    y: np.ndarray
    batch: int


def make_samples(count: int, size: int, batch: int) -> Samples:
    """Random images, (count, size, size, 1), and classes."""
    rng = np.random.default_rng(0)
    x = rng.random((count, size, size, 1), np.float32)
    return Samples(x, rng.integers(10, size=count).astype(np.int32), batch)


class Epochs(keras.callbacks.Callback):
    """A training that goes on by an epoch whenever it is called.

    It runs in a thread of its own, and waits there between epochs, for to call `fit`
    again would compile again.

    Args:
        train: given this callback, trains until the callback stops it.
    """

    def __init__(self, train: Callable[["Epochs"], object]) -> None:
        super().__init__()
        self._may_go_on, self._paused = Semaphore(0), Semaphore(0)
        self._stop, self._error = False, None
        self._thread = Thread(target=self._run, args=(train,), daemon=True)
        self._thread.start()

    def __call__(self) -> None:
        """Train for an epoch."""
        self._may_go_on.release()
        self._paused.acquire()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Let the training end."""
        self._stop = True
        self._may_go_on.release()
        self._thread.join()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self._paused.release()
        self._may_go_on.acquire()
        self.model.stop_training = self._stop

    def _run(self, train: Callable[["Epochs"], object]) -> None:
        self._may_go_on.acquire()
        try:
            if not self._stop:
                train(self)
        except BaseException as error:
            self._error = error
            self._paused.release()


ENDLESS = 10**6
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def ours(name: str, samples: Samples) -> Epochs:
    """`kerasheet.training.fit` of our model."""
    size = samples.x.shape[1]
    model = MODELS[name](input_shape=(size, size, 1), classes=10)
    return follow(fit, model, samples)


def by_keras(name: str, samples: Samples) -> Epochs:
    """`model.fit`, at its defaults, of the same network from keras.layers."""
    size = samples.x.shape[1]
    return follow(keras.Model.fit, keras_networks.build(name, size), samples)


def follow(
    fit: Callable[..., object], model: keras.Model, samples: Samples, **options: Any
) -> Epochs:
    """Train a Keras model by gradient descent, with one or the other `fit`.

    Args:
        fit: ours or Keras'.
        model: to be trained.
        samples: to learn from.
        **options: for `compile`.
    """
    model.compile(keras.optimizers.SGD(0.01), LOSS, **options)
    x, y, batch = samples
    return Epochs(
        lambda callback: fit(
            model,
            x,
            y,
            batch_size=batch,
            epochs=ENDLESS,
            callbacks=[callback],
            verbose=0,
        )
    )


def by_torch(name: str, samples: Samples, *, compiled: bool) -> Callable[[], float]:
    """PyTorch, on samples in memory that are shuffled by index."""
    size = samples.x.shape[1]
    network = torch_networks.NETWORKS[name](1, 10, size).train()
    optimizer = torch.optim.SGD(network.parameters(), 0.01)
    call = torch.compile(network) if compiled else network
    x = torch.from_numpy(samples.x).permute(0, 3, 1, 2).contiguous()
    y = torch.from_numpy(samples.y).long()

    def epoch() -> float:
        total = torch.zeros(())
        for rows in torch.randperm(len(x)).split(samples.batch):
            loss = torch.nn.functional.cross_entropy(call(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        return float(total)

    return epoch
