"""Batches of an epoch, and the figures that come of them."""

from typing import Protocol

import keras
import tensorflow as tf

from kerasheet.data import Examples, Samples
from kerasheet.training.state import Arrays
from kerasheet.typing import Tensor

Logs = dict[str, float]
"""Figures by name: the loss, the metrics."""


class Pass(Protocol):
    """The batches of an epoch, some at a time.

    Attributes:
        steps: how many batches there are.
    """

    steps: int

    def begin(self, epoch: int) -> None:
        """Go to the first batch of an epoch."""

    def run(self, first: int, last: int) -> int:
        """Go through batches `first` to `last`, without the last; say how far."""

    def figures(self) -> Logs:
        """Of all batches of the epoch so far."""

    def read_state(self) -> Arrays:
        """What the next batches need of those before, beside the model."""

    def write_state(self, arrays: Arrays) -> None:
        """Take what `read_state` gave; called after `begin`."""


def run_pass(of: Pass, epoch: int = 0) -> Logs:
    """The figures of all batches of a pass."""
    of.begin(epoch)
    of.run(0, of.steps)
    return of.figures()


def check_ready(model: keras.Model) -> None:
    """Refuse a model without an optimizer, and the inside of a strategy's scope.

    Raises:
        ValueError: the model is not compiled, or this is such a scope.
    """
    if not model.compiled:
        raise ValueError(f"Model {model.name!r} is not compiled: call compile() first.")
    if tf.distribute.has_strategy():
        raise ValueError(
            f"Model {model.name!r} is made and compiled in the scope of a strategy, "
            "but trained outside of it. Leave the scope first."
        )


def check_count(name: str, value: int) -> None:
    """Refuse anything but a positive int.

    Raises:
        ValueError: it is something else.
    """
    if type(value) is not int or value < 1:
        raise ValueError(
            f"Training needs `{name}` to be a positive int. Received: {name}={value!r}."
        )


def check_samples(samples: Samples) -> None:
    """Refuse samples without labels, and none at all.

    Raises:
        ValueError: there are none, or another number of labels.
    """
    count = len(samples.x if isinstance(samples, Examples) else samples)
    if count == 0 or count != len(samples.y):
        raise ValueError(
            "Training needs as many labels as samples, and at least one. "
            f"Received: {count} samples and {len(samples.y)} labels."
        )


def build_metrics(model: keras.Model, x: Tensor, y: Tensor) -> None:
    """Create the metrics' variables, which a compiled graph may not."""
    outputs = model(x, training=False)
    model.compute_loss(x, y, outputs)
    model.compute_metrics(x, y, outputs)
