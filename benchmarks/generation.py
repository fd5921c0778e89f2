"""Characters a second of generation, beside Keras' predict and PyTorch's eager steps.

    make bench ONLY=generation

A recurrent language model of 28 tokens and 512 hidden units draws each character from
its softmax and hands its state on, on all sides. One stream is `kerasheet.language.
generate`, at work and as whole calls of 100 characters; 32 streams are the loop behind
it on 32 states. Keras' side is `predict` per step and a draw by NumPy, PyTorch's
`nn.RNN` on one-hot rows without gradients and `multinomial`.
"""

import itertools
import string
from collections.abc import Callable, Iterator
from functools import partial

import keras
import numpy as np
import tensorflow as tf
import torch
from measuring import Row, comparisons, take_turns
from recording import run

from kerasheet.language import Vocabulary, generate
from kerasheet.language.generation import MOST_AT_ONCE
from kerasheet.language.writer import writer
from kerasheet.models import rnn_lm

UNITS, CALL = 512, 100
PARTS = {"Keras predict": 64, "PyTorch eager": 1024}
"""Characters of a turn, for which the peer needs a quarter of a second or more."""
VOCABULARY = Vocabulary(["<unk>", *string.ascii_lowercase, " "])
TOKENS = len(VOCABULARY)
TARGETS = {"Keras predict": 5.0, "PyTorch eager": 1.5}
TURNS, SECONDS = 7, 25

Advance = Callable[[int], object]
"""Draws so many more characters of every stream."""


def measure(short: bool) -> Iterator[Row]:
    """A row per number of streams and peer, and for whole calls."""
    model = rnn_lm(classes=TOKENS, units=UNITS)
    turns = 2 if short else TURNS
    for streams in (1, 32):
        mine = _generate(model) if streams == 1 else _ours(model, streams)
        case = f"{streams} stream{'s'[: streams - 1]}"
        peers = {
            "Keras predict": _by_keras(streams),
            "PyTorch eager": _by_torch(streams),
        }
        for name, theirs in peers.items():
            length = 5 if short else PARTS[name]
            sides = {"ours": mine, name: theirs}
            yield from _beside(case, sides, turns, length, streams, TARGETS)
        if streams == 1:
            sides = {"ours": partial(_call, model), **peers}
            case = f"a call of {CALL} characters"
            length = 5 if short else CALL
            yield from _beside(case, sides, turns, length, streams, {})


def _beside(
    case: str,
    sides: dict[str, Advance],
    turns: int,
    length: int,
    streams: int,
    targets: dict[str, float],
) -> list[Row]:
    parts = {name: _turn(side, length) for name, side in sides.items()}
    taken = take_turns(parts, turns=turns, warm_up=1, limit=SECONDS)
    return comparisons(case, taken, per=length * streams, unit="char", targets=targets)


def _turn(advance: Advance, length: int) -> Callable[[], object]:
    return lambda: advance(length)


def _call(model: keras.Model, length: int) -> object:
    return list(generate(model, VOCABULARY, "the ", length))


def _generate(model: keras.Model) -> Advance:
    """One stream that is under way."""
    stream = generate(model, VOCABULARY, "the ", 10**9)
    return lambda length: list(itertools.islice(stream, length))


def _ours(model: keras.Model, streams: int) -> Advance:
    """The loop behind `generate`, some tokens of every stream at a time."""
    read, write = writer(model)
    settings = tf.constant(1.0), tf.constant(TOKENS - 1), tf.constant(0)

    def advance(length: int) -> None:
        start = tf.zeros((streams, 1, UNITS))
        logits, state = read(tf.ones((streams, 1), tf.int32), start)
        for at in range(0, length, MOST_AT_ONCE):
            count = tf.constant(min(MOST_AT_ONCE, length - at))
            tokens, logits, state = write(
                logits, state, tf.constant(at), count, *settings
            )
            tokens.numpy()

    return advance


def _by_keras(streams: int) -> Advance:
    ids, state = keras.Input((1,), dtype="int32"), keras.Input((UNITS,))
    rnn = keras.layers.SimpleRNN(UNITS, return_state=True)
    outputs, after = rnn(keras.ops.one_hot(ids, TOKENS), initial_state=state)
    outputs = keras.layers.Dense(TOKENS, "softmax")(outputs)
    model = keras.Model([ids, state], [outputs, after])
    rng = np.random.default_rng(0)

    def advance(length: int) -> None:
        drawn = np.ones((streams, 1), np.int32)
        hidden = np.zeros((streams, UNITS), np.float32)
        for _ in range(length):
            expected, hidden = model.predict(
                [drawn, hidden], batch_size=streams, verbose=0
            )
            sums = expected.cumsum(axis=1)
            drawn = (rng.random((streams, 1)) * sums[:, -1:] > sums).sum(1)[:, None]

    return advance


def _by_torch(streams: int) -> Advance:
    rnn = torch.nn.RNN(TOKENS, UNITS, batch_first=True)
    dense = torch.nn.Linear(UNITS, TOKENS)

    @torch.no_grad()
    def advance(length: int) -> None:
        drawn = torch.ones((streams, 1), dtype=torch.long)
        hidden = torch.zeros((1, streams, UNITS))
        for _ in range(length):
            rows = torch.nn.functional.one_hot(drawn, TOKENS).float()
            outputs, hidden = rnn(rows, hidden)
            expected = torch.softmax(dense(outputs[:, -1]), 1)
            drawn = torch.multinomial(expected, 1)
            drawn.tolist()

    return advance


if __name__ == "__main__":
    run(__file__, measure)
