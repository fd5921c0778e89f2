"""The part of a report on a language model: what it writes."""

from typing import NamedTuple

import keras

from kerasheet.language import Vocabulary, generate

TEMPERATURES = (0.5, 0.8, 1.0)
PROMPT = "the "
SEED = 0
LENGTHS = {"characters": 240, "words": 60}
"""Tokens of a sample."""

TOKENS = 12
"""Of the most and of the least frequent ones."""


class Sample(NamedTuple):
    """What a model wrote at a temperature, its prompt included."""

    temperature: float
    text: str


class Writing(NamedTuple):
    """What a language model knows and writes.

    Attributes:
        prompt: what every sample begins with.
        seed: of every sample.
        samples: one per temperature.
        tokens: size of the vocabulary.
        frequent: the most frequent tokens.
        rare: the least frequent ones, the rarest last.
    """

    prompt: str
    seed: int
    samples: list[Sample]
    tokens: int
    frequent: list[str]
    rare: list[str]


def let_write(model: keras.Model, vocabulary: Vocabulary) -> Writing:
    """Let a language model write a few samples, always the same."""
    length = LENGTHS[vocabulary.unit]
    samples = [
        Sample(
            temperature,
            PROMPT
            + "".join(
                generate(
                    model,
                    vocabulary,
                    PROMPT,
                    length,
                    temperature=temperature,
                    seed=SEED,
                )
            ),
        )
        for temperature in TEMPERATURES
    ]
    known = list(map(_show, vocabulary.tokens[1:]))
    rare = known[TOKENS:][-TOKENS:]
    return Writing(PROMPT, SEED, samples, len(vocabulary), known[:TOKENS], rare)


def _show(token: str) -> str:
    """A token, with a name for what cannot be seen."""
    return token if token.isprintable() and not token.isspace() else repr(token)
