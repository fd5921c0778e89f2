"""A pass over the windows of a text, many batches as one compiled graph."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from kerasheet.training.batches import Logs
from kerasheet.training.state import Arrays
from kerasheet.training.text_graph import TextGraph

CHUNK = 128
"""Batches handed to the device at once: more of a long text need not fit there."""


class Reading(NamedTuple):
    """The windows of a text, in batches.

    Attributes:
        read: from (batches, batch_size) starts to (batches, batch_size, steps + 1) ids.
        starts: (batches, batch_size), where the windows begin.
        weight: what to divide the sum of all losses by.
    """

    read: Callable[[np.ndarray], np.ndarray]
    starts: np.ndarray
    weight: int


class TextSweep:
    """The windows of an epoch, as `kerasheet.training.batches.Pass` wants them.

    Args:
        graph: what to do with them.
        plan: from the number of an epoch to its windows.
        steps: how many batches they make.
    """

    def __init__(
        self, graph: TextGraph, plan: Callable[[int], Reading], steps: int
    ) -> None:
        self.graph, self.plan, self.steps = graph, plan, steps
        self.chunk = min(CHUNK, steps)

    def begin(self, epoch: int) -> None:
        """Go to the first batch of an epoch."""
        self.reading = self.plan(epoch)
        self.state, self.total = self.graph.start
        self.loaded: int | None = None

    def run(self, first: int, last: int) -> int:
        """Go through some batches; training stops at a loss that is no number."""
        while first < last:
            start = first - first % self.chunk
            stop = min(last, start + self.chunk)
            if self.loaded != start:
                self._load(start)
            index, _, self.state, self.total = self.graph.run(
                self.tokens,
                tf.constant(first - start),
                tf.constant(stop - start),
                self.state,
                self.total,
            )
            first = start + int(index)
            if first < stop:
                break
        return first

    def figures(self) -> Logs:
        """The mean loss, in nats per token, and the perplexity."""
        loss = float(self.total) / self.reading.weight
        return {
            "loss": loss,
            "perplexity": math.exp(loss) if loss < 700 else math.inf,
        }

    def read_state(self) -> Arrays:
        """The model's hidden state, and the sum of the losses."""
        state = tf.cast(self.state, tf.float32)  # NumPy has no bfloat16 files
        return {"state": state.numpy(), "total": self.total.numpy()}

    def write_state(self, arrays: Arrays) -> None:
        """Take what `read_state` gave."""
        self.state = tf.cast(arrays["state"], self.state.dtype)
        self.total = tf.constant(arrays["total"])

    def _load(self, start: int) -> None:
        """Put the windows of a chunk on the device; the last chunk is filled up."""
        windows = self.reading.read(self.reading.starts[start : start + self.chunk])
        missing = self.chunk - len(windows)
        windows = np.pad(windows, ((0, missing), (0, 0), (0, 0)))
        self.tokens, self.loaded = tf.constant(windows), start
