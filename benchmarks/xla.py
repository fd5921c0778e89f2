"""An epoch of training with XLA beside one without: `kerasheet.training.compilation`.

    make bench ONLY=xla    # ten minutes

The residual and the dense network are smaller than in use, as XLA takes long for them
on a processor. Above 1 XLA is faster.
"""

from collections.abc import Iterator
from itertools import chain

import keras
import numpy as np
from language_model import BATCH, BATCHES, STEPS
from measuring import Row, comparisons, take_turns
from recording import run
from training_sides import ENDLESS, Epochs, follow, make_samples

from kerasheet.models import MODELS, rnn_lm
from kerasheet.training import Windows, fit, fit_text

IMAGES = {
    "softmax_regression": (28, 60_000, 256),
    "mlp": (28, 60_000, 256),
    "mlp_dropout": (28, 60_000, 256),
    "lenet": (28, 5_120, 256),
    "lenet_batch_norm": (28, 5_120, 256),
    "resnet18": (32, 64, 32),
    "densenet": (32, 64, 32),
}
"""Height and width, samples, and samples per batch."""

TEXTS = ((28, 256, 1), (28, 512, 1), (28, 256, 2), (1027, 256, 1))
"""Tokens in the vocabulary, size of the hidden state, layers."""

SHORT, TURNS = 512, 7


def measure(short: bool) -> Iterator[Row]:
    """A row per model of images, and per shape of a language model."""
    for case, on, off in chain(_images(short), _texts(short)):
        sides = {"with XLA": on, "without": off}
        taken = take_turns(sides, turns=2 if short else TURNS)
        on.close(), off.close()
        yield from comparisons(case, taken, unit="epoch")


def _images(short: bool) -> Iterator[tuple[str, Epochs, Epochs]]:
    for name, (size, count, batch) in IMAGES.items():
        shape = size, min(count, SHORT) if short else count, batch
        yield name, _of_images(name, *shape, True), _of_images(name, *shape, False)


def _texts(short: bool) -> Iterator[tuple[str, Epochs, Epochs]]:
    for shape in TEXTS[:1] if short else TEXTS:
        yield f"rnn_lm {shape}", _of_text(*shape, True), _of_text(*shape, False)


def _of_images(name: str, size: int, count: int, batch: int, xla: bool) -> Epochs:
    model = MODELS[name](input_shape=(size, size, 1), classes=10)
    samples = make_samples(count, size, batch)
    return follow(fit, model, samples, metrics=["accuracy"], jit_compile=xla)


def _of_text(classes: int, units: int, layers: int, xla: bool) -> Epochs:
    count = STEPS * BATCH * BATCHES + STEPS * (BATCH + 1)
    ids = np.random.default_rng(0).integers(classes, size=count)
    model = rnn_lm(classes=classes, units=units, num_layers=layers)
    model.compile(keras.optimizers.SGD(1.0, global_clipnorm=1.0))
    return Epochs(
        lambda callback: fit_text(
            model,
            ids,
            Windows(STEPS, BATCH),
            epochs=ENDLESS,
            callbacks=[callback],
            verbose=0,
            xla=xla,
        )
    )


if __name__ == "__main__":
    run(__file__, measure)
