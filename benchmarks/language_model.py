"""The language model's figures: speed beside its peers, and perplexities.

    python benchmarks/language_model.py speed        # two minutes
    python benchmarks/language_model.py published    # ten minutes
    python benchmarks/language_model.py ngram        # three minutes

`speed`: training tokens per second beside `keras.layers.SimpleRNN` with `model.fit` and
PyTorch's `nn.RNN`, both on one-hot input, same loss, optimizer and clipping. The sides
take turns, an epoch each; a ratio is of one turn, and its median and quartiles over all
turns are printed. Above 1 we are faster.

`published`: the book's recipe on the first 10,000 characters of the time machine.

`ngram`: a recurrent network and the best n-gram on the whole book's held-out tail.

The last two need the time machine in `$KERAS_HOME/datasets`.
"""

import itertools
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

import keras
import torch

from kerasheet.data import time_machine
from kerasheet.language import NGram, make_corpus
from kerasheet.models import rnn_lm
from kerasheet.training import Windows, default_recipe, fit_text
from kerasheet.training.task import make_task

STEPS, BATCH, BATCHES, TURNS = 35, 32, 20, 15
TOKENS = STEPS * BATCH * BATCHES
SHAPES = ((1027, 256, 1), (1027, 512, 1), (28, 256, 1), (28, 512, 1), (28, 256, 2))
RUNS = ((512, "consecutive"), (512, "random"), (256, "consecutive"), (256, "random"))
SMOOTHINGS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
WHOLE_BOOK: dict[str, Any] = {
    "model_arguments": {"units": 384, "num_layers": 2, "stddev": None},
    "optimizer": "adam",
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "weight_decay": 0.5,
    "batch_size": 16,
    "epochs": 40,
    "text": {"steps": 64, "tokens": 10**9},
}
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def speed() -> None:
    """Print a row per shape."""
    print("vocabulary | hidden | layers | tokens/s | over Keras | over PyTorch")
    for classes, units, layers in SHAPES:
        rng = np.random.default_rng(0)
        ids = rng.integers(classes, size=TOKENS + STEPS * (BATCH + 1))
        peers = (
            _keras_epoch(ids, classes, units, layers),
            _torch_epoch(ids, classes, units, layers),
        )
        turns = _Turns(peers)
        model = rnn_lm(classes=classes, units=units, num_layers=layers)
        model.compile(keras.optimizers.SGD(1.0, global_clipnorm=1.0))
        fit_text(
            model,
            ids,
            Windows(STEPS, BATCH),
            epochs=TURNS + 2,
            callbacks=[turns],
            verbose=0,
        )
        ours, *others = np.array(turns.seconds[2:]).T  # the first two compile
        ratios = (_quartiles(other / ours) for other in others)
        tokens = f"{TOKENS / np.median(ours):,.0f}"
        print(classes, units, layers, tokens, *ratios, sep=" | ", flush=True)


class _Turns(keras.callbacks.Callback):
    """Times every epoch of ours, and after it lets each peer have its turn."""

    def __init__(self, peers: tuple[Callable[[], None], ...]) -> None:
        super().__init__()
        self.peers = peers
        self.seconds: list[list[float]] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        turn = [time.perf_counter() - self.started]
        for peer in self.peers:
            started = time.perf_counter()
            peer()
            turn.append(time.perf_counter() - started)
        self.seconds.append(turn)


def _windows(ids: np.ndarray) -> np.ndarray:
    starts = STEPS * np.arange(BATCH * BATCHES)
    return ids[starts[:, None] + np.arange(STEPS + 1)]


def _keras_epoch(
    ids: np.ndarray, classes: int, units: int, layers: int
) -> Callable[[], None]:
    inputs = keras.Input((STEPS,), dtype="int32")
    x = keras.ops.one_hot(inputs, classes)
    for _ in range(layers):
        x = keras.layers.SimpleRNN(units, return_sequences=True)(x)
    model = keras.Model(inputs, keras.layers.Dense(classes)(x))
    model.compile(keras.optimizers.SGD(1.0, global_clipnorm=1.0), LOSS)
    windows = _windows(ids)
    x, y = windows[:, :-1], windows[:, 1:]
    return lambda: model.fit(x, y, batch_size=BATCH, verbose=0)


def _torch_epoch(
    ids: np.ndarray, classes: int, units: int, layers: int
) -> Callable[[], None]:
    rnn = torch.nn.RNN(classes, units, layers)
    dense = torch.nn.Linear(units, classes)
    weights = [*rnn.parameters(), *dense.parameters()]
    optimizer = torch.optim.SGD(weights, 1.0)
    windows = torch.from_numpy(_windows(ids))

    def epoch() -> None:
        for order in torch.randperm(len(windows)).split(BATCH):
            batch = windows[order].T
            rows = torch.nn.functional.one_hot(batch[:-1], classes).float()
            logits = dense(rnn(rows)[0])
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), batch[1:].flatten()
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()

    return epoch


def _quartiles(ratios: np.ndarray) -> str:
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def published() -> None:
    """Print a row per run of the book."""
    print("hidden | sampling | perplexity at 100, 200 … 500 epochs | seconds")
    for units, sampling in RUNS:
        recipe = default_recipe(
            "rnn_lm",
            "time_machine",
            model_arguments={"units": units},
            text={"sampling": sampling},
        )
        task, started = make_task(recipe), time.perf_counter()
        perplexity = task.fit((), 0).history["perplexity"]
        seconds = time.perf_counter() - started
        figures = " ".join(f"{one:.3f}" for one in perplexity[99::100])
        print(units, sampling, figures, f"{seconds:.0f}", sep=" | ", flush=True)


def ngram() -> None:
    """Print the best n-gram and the network, both chosen on validation text."""
    corpus = make_corpus(time_machine())
    tried = []
    for order, smoothing in itertools.product(range(1, 9), SMOOTHINGS):
        model = NGram(order, len(corpus.vocabulary), smoothing).fit(corpus.train)
        tried.append((model.perplexity(corpus.validation), order, smoothing))
    validation, order, smoothing = min(tried)
    best = NGram(order, len(corpus.vocabulary), smoothing).fit(corpus.train)
    print("model | validation perplexity | test perplexity | seconds")
    name = f"{order}-gram, smoothing {smoothing:g}"
    print(name, f"{validation:.3f}", f"{best.perplexity(corpus.test):.3f}", sep=" | ")
    task = make_task(default_recipe("rnn_lm", "time_machine", **WHOLE_BOOK))
    started = time.perf_counter()
    task.fit((), 0)
    seconds = time.perf_counter() - started
    figures = task.measure()
    numbers = [f"{figures[part]['perplexity']:.3f}" for part in ("validation", "test")]
    print("rnn_lm", *numbers, f"{seconds:.0f}", sep=" | ")


def main() -> None:
    """Run the parts named on the command line."""
    parts = {"speed": speed, "published": published, "ngram": ngram}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
