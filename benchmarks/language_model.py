"""An epoch of a recurrent language model, beside Keras' SimpleRNN and PyTorch's nn.RNN.

    make bench ONLY=language_model

Ours is `kerasheet.training.fit_text` on ids. Keras' layers and PyTorch's `one-hot` side
read one-hot rows, which is what the formula has; its `embedding` side looks the first
product up, as ours does. Loss, descent and clipping are the same: 20 batches of 32
windows of 35 tokens, every window from a state of zeros.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
import torch
from measuring import Row, comparisons, geometric_means, take_turns
from recording import run
from training_sides import ENDLESS, LOSS, Epochs

from kerasheet.models import rnn_lm
from kerasheet.training import Windows, fit_text

STEPS, BATCH, BATCHES = 35, 32, 20
SHAPES = (
    (28, 256, 1),
    (28, 512, 1),
    (28, 256, 2),
    (28, 512, 2),
    (1027, 256, 1),
    (1027, 512, 1),
    (1027, 256, 2),
    (1027, 512, 2),
)
"""Tokens in the vocabulary, size of the hidden state, layers."""

PEERS = ("Keras fit", "PyTorch one-hot", "PyTorch embedding")
TARGETS = {PEERS[0]: 2.0, PEERS[1]: 1.5}
TURNS, SECONDS = 9, 20


def measure(short: bool) -> Iterator[Row]:
    """A row per shape and peer."""
    rows: list[Row] = []
    for shape in SHAPES[:1] if short else SHAPES:
        mine = _ours(*shape)
        theirs = _by_keras(*shape), *(_by_torch(*shape, kind) for kind in (True, False))
        sides = dict(zip(("ours", *PEERS), (mine, *theirs), strict=True))
        taken = take_turns(sides, turns=2 if short else TURNS, limit=SECONDS)
        mine.close()
        case = "vocabulary {}, hidden {}, layers {}".format(*shape)
        per = STEPS * BATCH * BATCHES
        new = comparisons(case, taken, per=per, unit="token", targets=TARGETS)
        yield from new
        rows += new
    yield from geometric_means(rows)


def _ids(classes: int, count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(classes, size=count)


def _ours(classes: int, units: int, layers: int) -> Epochs:
    model = rnn_lm(classes=classes, units=units, num_layers=layers)
    model.compile(keras.optimizers.SGD(1.0, global_clipnorm=1.0))
    ids = _ids(classes, STEPS * BATCH * BATCHES + STEPS * (BATCH + 1))
    windows = Windows(STEPS, BATCH)
    return Epochs(
        lambda callback: fit_text(
            model, ids, windows, epochs=ENDLESS, callbacks=[callback], verbose=0
        )
    )


def _windows(classes: int) -> np.ndarray:
    starts = STEPS * np.arange(BATCH * BATCHES)
    ids = _ids(classes, STEPS * BATCH * BATCHES + 1)
    return ids[starts[:, None] + np.arange(STEPS + 1)]


def _by_keras(classes: int, units: int, layers: int) -> Callable[[], object]:
    inputs = keras.Input((STEPS,), dtype="int32")
    x = keras.ops.one_hot(inputs, classes)
    for _ in range(layers):
        x = keras.layers.SimpleRNN(units, return_sequences=True)(x)
    model = keras.Model(inputs, keras.layers.Dense(classes)(x))
    model.compile(keras.optimizers.SGD(1.0, global_clipnorm=1.0), LOSS)
    windows = _windows(classes)
    x, y = windows[:, :-1], windows[:, 1:]
    return lambda: model.fit(x, y, batch_size=BATCH, verbose=0)


def _by_torch(
    classes: int, units: int, layers: int, one_hot: bool
) -> Callable[[], object]:
    rnn = torch.nn.RNN(classes if one_hot else units, units, layers)
    dense, embedding = torch.nn.Linear(units, classes), None
    weights = [*rnn.parameters(), *dense.parameters()]
    if not one_hot:
        embedding = torch.nn.Embedding(classes, units)
        weights += embedding.parameters()
    optimizer = torch.optim.SGD(weights, 1.0)
    windows = torch.from_numpy(_windows(classes))

    def read(ids: torch.Tensor) -> torch.Tensor:
        if embedding is not None:
            return embedding(ids)
        return torch.nn.functional.one_hot(ids, classes).float()

    def epoch() -> None:
        for order in torch.randperm(len(windows)).split(BATCH):
            batch = windows[order].T
            logits = dense(rnn(read(batch[:-1]))[0])
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), batch[1:].flatten()
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()

    return epoch


if __name__ == "__main__":
    run(__file__, measure)
