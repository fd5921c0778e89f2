"""One size of what `growth` measures: its seconds, and the memory it takes."""

import gc
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kerasheet import ops
from kerasheet.layers import Dense, DenseBlock, GlobalAvgPool2D
from kerasheet.models import MODELS, rnn_lm
from kerasheet.models.chain import chain
from kerasheet.models.resnet import stem
from kerasheet.report.cost import multiply_adds
from kerasheet.training import fit

REPEATS = 6
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

Point = tuple[float, Callable[[], list[float]]]
"""The size as the plot has it, and what takes it some times: the seconds of each."""


def measure_point(name: str, size: int) -> tuple[float, float, float]:
    """The size as the plot has it, seconds, and bytes beyond those of a tiny size."""
    point, tiny = POINTS[name]
    point(tiny)[1]()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _memory("VmRSS")
    count, run = point(size)
    fastest = min(run()[1:])
    return count, fastest, max(_memory("VmHWM") - before, 1)


def _memory(kind: str) -> int:
    """Bytes of memory that are held, or were at the peak."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{kind}:")[1].split()[0]) * 1024


def _batch(size: int) -> Point:
    model = MODELS["resnet18"](input_shape=(32, 32, 1), classes=10)
    return size, _steps_of(model, (size, 32, 32, 1))


def _depth(size: int) -> Point:
    layers = [*stem(), DenseBlock(size, 32, name="block"), GlobalAvgPool2D(), Dense(10)]
    model = chain("dense", (64, 64, 1), layers)
    return multiply_adds(model), _steps_of(model, (16, 64, 64, 1))


def _steps(size: int) -> Point:
    model = rnn_lm(classes=28, units=256)
    ids = np.random.default_rng(0).integers(28, size=(32, size + 1))
    given = tf.constant(ids, tf.int32)
    weights = [variable.value for variable in model.trainable_variables]

    @tf.function(autograph=False)
    def step() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            logits = model(given[:, :-1], training=True)
            loss = ops.cross_entropy(logits, given[:, 1:], "mean")
        return tape.gradient(loss, weights)

    return size, lambda: _times(step)


def _samples(size: int) -> Point:
    x = np.random.default_rng(0).random((size, 28, 28, 1), np.float32)
    return size, lambda: _epochs(MODELS["mlp"](), x)


POINTS: dict[str, tuple[Callable[[int], Point], int]] = {
    "batch": (_batch, 1),
    "depth": (_depth, 1),
    "steps": (_steps, 2),
    "samples": (_samples, 256),
}
"""By the quantity: what measures a size, and a tiny size."""


class _Clock(keras.callbacks.Callback):
    """The seconds of every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.seconds.append(time.perf_counter() - self.started)


def _epochs(model: keras.Model, x: np.ndarray, batch: int = 256) -> list[float]:
    model.compile("sgd", LOSS)
    clock, y = _Clock(), np.zeros(len(x), np.int32)
    fit(model, x, y, batch_size=batch, epochs=REPEATS, callbacks=[clock], verbose=0)
    return clock.seconds


def _steps_of(model: keras.Model, shape: tuple[int, ...]) -> Callable[[], list[float]]:
    """Epochs of a single batch."""
    return lambda: _epochs(model, np.zeros(shape, np.float32), shape[0])


def _times(step: Callable[[], object]) -> list[float]:
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return seconds
