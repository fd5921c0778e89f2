"""An epoch of `kerasheet.training.fit`: beside Keras' `model.fit`, and with XLA or not.

    python benchmarks/training_epoch.py keras            # ten minutes
    python benchmarks/training_epoch.py xla              # ten minutes
    python benchmarks/training_epoch.py keras xla --short    # that it runs; two minutes

`keras`: the same architecture, arrays, loss, optimizer and batches of 256 on both
sides; 60,000 samples of the shape of Fashion-MNIST, and `model.fit` at its defaults.

`xla`: what `kerasheet.training.compilation` rests on. The residual and the dense
network are smaller than in use, as XLA takes long for them on a processor.

The sides take turns, an epoch each, in one process. An epoch is timed by callbacks,
from its begin to its end; the first two, which build and compile the graphs, do not
count. A ratio is of one turn; its median and quartiles over all turns are printed, of
the time on the wall and of the processor's. Above 1 ours, or XLA, is faster. On a
machine with other work the processor's time is the steadier.
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

import numpy as np

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

import keras

from kerasheet.models import MODELS, rnn_lm
from kerasheet.training import Windows, fit, fit_text

BATCH, SAMPLES, SHORT, TURNS, UNTIMED = 256, 60_000, 512, 7, 2
BESIDE_KERAS = (
    "softmax_regression",
    "mlp",
    "mlp_dropout",
    "lenet",
    "lenet_batch_norm",
)
XLA_IMAGES = {
    "softmax_regression": (28, 60_000, 256),
    "mlp": (28, 60_000, 256),
    "mlp_dropout": (28, 60_000, 256),
    "lenet": (28, 5_120, 256),
    "lenet_batch_norm": (28, 5_120, 256),
    "resnet18": (32, 64, 32),
    "densenet": (32, 64, 32),
}
"""Height and width, samples, and samples per batch."""

XLA_TEXTS = ((28, 256, 1), (28, 512, 1), (28, 256, 2), (1027, 256, 1))
"""Tokens in the vocabulary, size of the hidden state, layers."""

STEPS, WINDOWS, BATCHES = 35, 32, 20
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

Train = Callable[[int, keras.callbacks.Callback], object]
"""Trains for so many epochs, and tells the callback."""


class _Side(keras.callbacks.Callback):
    """Times every epoch, on the wall and of the processor, when it is its turn."""

    def __init__(self, mine: Semaphore, others: Semaphore) -> None:
        super().__init__()
        self.mine, self.others = mine, others
        self.seconds: list[np.ndarray] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.mine.acquire()
        self.started = _now()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.seconds.append(_now() - self.started)
        self.others.release()


def _now() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


def _print_turns(name: str, first: Train, second: Train, turns: int) -> None:
    """A row of two trainings that take turns, each in a thread; the other waits."""
    semaphores = Semaphore(1), Semaphore(0)
    sides = _Side(*semaphores), _Side(*reversed(semaphores))
    with ThreadPoolExecutor() as pool:
        jobs = zip((first, second), sides, strict=True)
        running = [pool.submit(train, turns + UNTIMED, side) for train, side in jobs]
    for one in running:
        one.result()
    mine, other = (np.array(side.seconds[UNTIMED:]) for side in sides)
    seconds = (f"{np.median(one[:, 0]):.3g}" for one in (mine, other))
    ratios = (_quartiles(ratio) for ratio in (other / mine).T)
    print(name, *seconds, *ratios, sep=" | ", flush=True)


def _quartiles(ratios: np.ndarray) -> str:
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def beside_keras(short: bool) -> None:
    """Print a row per model."""
    print("model | ours, s | Keras, s | Keras over ours, wall | processor")
    for name in BESIDE_KERAS:
        count = SHORT if short else SAMPLES
        ours, peer = _train(name, fit, count), _train(name, keras.Model.fit, count)
        _print_turns(name, ours, peer, 2 if short else TURNS)


def xla(short: bool) -> None:
    """Print a row per model of images, and per shape of a language model."""
    print("model | with XLA, s | without, s | without over with, wall | processor")
    turns = 2 if short else TURNS
    for name, (size, count, batch) in XLA_IMAGES.items():
        some = min(count, SHORT) if short else count
        on, off = (_train(name, fit, some, size, batch, xla) for xla in (True, False))
        _print_turns(name, on, off, turns)
    for shape in XLA_TEXTS[:1] if short else XLA_TEXTS:
        on, off = (_train_text(*shape, xla=xla) for xla in (True, False))
        _print_turns(f"rnn_lm {shape}", on, off, turns)


def _train(
    name: str,
    follow: Callable[..., object],
    count: int,
    size: int = 28,
    batch: int = BATCH,
    xla: bool | str = "auto",
) -> Train:
    rng = np.random.default_rng(0)
    x = rng.random((count, size, size, 1), np.float32)
    y = rng.integers(10, size=count).astype(np.int32)
    model = MODELS[name](input_shape=x.shape[1:], classes=10)
    optimizer = keras.optimizers.SGD(0.01)
    model.compile(optimizer, LOSS, metrics=["accuracy"], jit_compile=xla)
    return lambda epochs, callback: follow(
        model, x, y, batch_size=batch, epochs=epochs, callbacks=[callback], verbose=0
    )


def _train_text(classes: int, units: int, layers: int, *, xla: bool) -> Train:
    rng = np.random.default_rng(0)
    ids = rng.integers(classes, size=STEPS * WINDOWS * BATCHES + STEPS * (WINDOWS + 1))
    model = rnn_lm(classes=classes, units=units, num_layers=layers)
    model.compile(keras.optimizers.SGD(1.0, global_clipnorm=1.0))
    return lambda epochs, callback: fit_text(
        model,
        ids,
        Windows(STEPS, WINDOWS),
        epochs=epochs,
        callbacks=[callback],
        verbose=0,
        xla=xla,
    )


def main() -> None:
    """Run the parts named on the command line."""
    parts = {"keras": beside_keras, "xla": xla}
    names = [word for word in sys.argv[1:] if word != "--short"]
    for name in names or parts:
        parts[name]("--short" in sys.argv)


if __name__ == "__main__":
    main()
