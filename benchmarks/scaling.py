"""How training gains from more workers: the same global batch, a core for each.

    make bench ONLY=scaling    # five minutes

Every worker has one thread for its arithmetic, so that twice the workers have twice the
computer. The sides take turns; a turn is a fresh cluster on 127.0.0.1 that trains for
some epochs, of which the first does not count. Efficiency is the time of one worker
over the time of n, divided by n: 1 were perfect. What is missing from 1 is the exchange
of gradients over the loopback, whose bytes the processor copies itself, and what each
worker does for all of the batch.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measuring import Row, figure
from recording import run

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

from kerasheet.cluster import LocalCluster

WORKERS, TURNS, EPOCHS = 2, 5, 4
CASES = {
    "mlp": (28, 15_360, 256),
    "lenet": (28, 5_120, 256),
    "resnet18": (64, 128, 64),
}
"""Height and width, samples, and samples per batch of all workers together."""


def work(name: str, place: Path) -> None:
    """Be a worker, and write down the seconds of an epoch."""
    import keras
    import numpy as np
    import tensorflow as tf

    from kerasheet.models import MODELS
    from kerasheet.training import fit
    from kerasheet.training.distribute import find_strategy
    from kerasheet.training.workers import Workers

    tf.config.threading.set_intra_op_parallelism_threads(1)

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            self.started = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            seconds.append(time.perf_counter() - self.started)

    size, samples, batch_size = CASES[name]
    rng = np.random.default_rng(0)
    x = rng.random((samples, size, size, 1), dtype="float32")
    y = rng.integers(0, 10, samples).astype("int32")
    strategy = find_strategy()
    with strategy.scope():
        model = MODELS[name](input_shape=(size, size, 1))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("sgd", loss, metrics=["accuracy"])
    seconds: list[float] = []
    fit(
        *(model, x, y),
        batch_size=batch_size,
        epochs=EPOCHS,
        callbacks=[Clock()],
        verbose=0,
    )
    if Workers(strategy).is_chief:
        place.write_text(json.dumps(statistics.median(seconds[1:])))


def epoch(name: str, workers: int, place: Path) -> float:
    """Seconds of an epoch."""
    words = [sys.executable, __file__, "work", name, str(place)]
    if status := LocalCluster(words, workers).run():
        sys.exit(f"{name} with {workers} workers ended with status {status}.")
    return float(json.loads(place.read_text()))


def measure(short: bool) -> Iterator[Row]:
    """A row of the efficiency of each model."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "seconds.json"
        for name in CASES:
            pairs = [
                (epoch(name, 1, place), epoch(name, WORKERS, place))
                for _ in range(1 if short else TURNS)
            ]
            shares = [one / (WORKERS * many) for one, many in pairs]
            yield figure(f"efficiency of {WORKERS} workers, {name}", shares, unit="")


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2], Path(sys.argv[3]))
    else:
        run(__file__, measure)
