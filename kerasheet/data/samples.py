"""Samples with their classes, in memory or on disk."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import tensorflow as tf

from kerasheet.data.parallel import map_threads

ImageShape: TypeAlias = tuple[int, int, int]
"""(height, width, channels), in pixels."""

PREFETCHED_BATCHES = 2


class Examples(NamedTuple):
    """Samples in memory. `len(examples.y)` of them.

    Attributes:
        x: (samples, height, width, channels), float32 from 0 to 1.
        y: (samples,), int32 class numbers.
    """

    x: np.ndarray
    y: np.ndarray

    @property
    def shape(self) -> ImageShape:
        """(height, width, channels) of one image."""
        return self.x.shape[1:]

    def subset(self, indices: np.ndarray) -> "Examples":
        """The samples at these positions, in this order."""
        return Examples(self.x[indices], self.y[indices])

    def load(self) -> "Examples":
        """The samples themselves: they are in memory."""
        return self


@dataclass(frozen=True, eq=False)
class Stream:
    """Samples that stay on disk until a batch needs them.

    Attributes:
        read: from an item of `places` to (height, width, channels), float32 from 0
            to 1. It is called in several threads at once.
        places: (samples,), where each sample lies, as `read` wants it.
        y: (samples,), int32 class numbers.
        shape: (height, width, channels) of one image.

    Example:
    >>> paint = lambda gray: np.full((2, 2, 1), gray, "float32")
    >>> stream = Stream(paint, np.array([0.0, 0.5, 1.0]), np.arange(3), (2, 2, 1))
    >>> len(stream), stream.subset(np.array([2, 0])).load().x[:, 0, 0, 0].tolist()
    (3, [1.0, 0.0])
    """

    read: Callable[[Any], np.ndarray]
    places: np.ndarray
    y: np.ndarray
    shape: ImageShape

    def __len__(self) -> int:
        return len(self.y)

    def subset(self, indices: np.ndarray) -> "Stream":
        """The samples at these positions, in this order, still on disk."""
        places, y = self.places[indices], self.y[indices]
        return dataclasses.replace(self, places=places, y=y)

    def load(self) -> Examples:
        """All samples in memory.

        Raises:
            DataError: a sample has gone, or can no longer be read.
        """
        return Examples(self._read_all(np.arange(len(self))), self.y)

    def batches(
        self, batch_size: int, *, order: np.ndarray | None = None
    ) -> tf.data.Dataset:
        """One pass over the samples, read in parallel ahead of their use.

        However many samples there are, no more than a few batches are in memory.

        Args:
            batch_size: samples a batch; the last one may be smaller.
            order: (steps × batch_size,), positions of the samples in the order they
                shall come in; None for that of the disk.

        Returns:
            Batches of x, (samples, height, width, channels) float32 from 0 to 1, and
            y, (samples,) int32. Always the same for the same order. A sample that can
            no longer be read is a `tf.errors.OpError` with `DataError`'s sentence.

        Raises:
            ValueError: `batch_size` is not a positive int.
        """
        if type(batch_size) is not int or batch_size < 1:
            raise ValueError(
                "A stream needs `batch_size` to be a positive int. "
                f"Received: batch_size={batch_size!r}."
            )

        def read(indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return self._read_all(indices), self.y[indices]

        @tf.autograph.experimental.do_not_convert
        def load(indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            x, y = tf.numpy_function(read, [indices], (tf.float32, tf.int32))
            return tf.ensure_shape(x, (None, *self.shape)), tf.ensure_shape(y, (None,))

        order = np.arange(len(self)) if order is None else order
        indices = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
        return indices.map(load).prefetch(PREFETCHED_BATCHES)

    def _read_all(self, indices: np.ndarray) -> np.ndarray:
        images = np.empty((len(indices), *self.shape), "float32")

        def fill(row: int) -> None:
            images[row] = self.read(self.places[indices[row]])

        for _ in map_threads(fill, range(len(indices))):
            pass
        return images


Samples: TypeAlias = Examples | Stream
"""Either has `y`, `shape`, `subset` and `load`."""
