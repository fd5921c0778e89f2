"""What a model of images answers on the test data, and where it errs."""

from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasheet import ops
from kerasheet.data import Dataset, Samples, load_images
from kerasheet.errors import DataError
from kerasheet.training import Run

BATCH_SIZE = 256


@dataclass(frozen=True, eq=False)
class Answers:
    """One answer per test sample.

    Attributes:
        truth: (samples,), class numbers.
        answer: (samples,), the likeliest class.
        probability: (samples,), of that class.
        loss: (samples,), in nats.
    """

    truth: np.ndarray
    answer: np.ndarray
    probability: np.ndarray
    loss: np.ndarray

    def confusion(self, classes: int) -> np.ndarray:
        """How often each class (row) was taken for each (column): (classes, classes).

        Example:
        >>> truth, answer = np.array([0, 1, 1]), np.array([0, 0, 1])
        >>> Answers(truth, answer, answer, answer).confusion(2).tolist()
        [[1, 0], [1, 1]]
        """
        counts = np.zeros((classes, classes), np.int64)
        np.add.at(counts, (self.truth, self.answer), 1)
        return counts

    def worst(self, count: int) -> np.ndarray:
        """The samples with the largest loss, the largest first."""
        return np.argsort(-self.loss, kind="stable")[:count]


class Confusion(NamedTuple):
    """Two classes that a model does not keep apart.

    Attributes:
        truth: label of what was shown.
        answer: label of what was answered.
        times: how often.
        share: of all samples of the true class.
    """

    truth: str
    answer: str
    times: int
    share: float


def frequent_confusions(
    counts: np.ndarray, labels: tuple[str, ...], most: int = 10
) -> list[Confusion]:
    """The largest entries off the diagonal of a confusion matrix, the largest first."""
    wrong = counts - np.diag(np.diag(counts))
    ranking = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [divmod(int(place), len(labels)) for place in ranking]
    return [
        Confusion(
            labels[row],
            labels[column],
            int(wrong[row, column]),
            float(wrong[row, column] / counts[row].sum()),
        )
        for row, column in pairs
        if wrong[row, column]
    ]


def read_test_data(run: Run, model: keras.Model) -> Dataset:
    """The data that a run of images was tested on.

    Raises:
        DataError: it cannot be had, or is no longer what the model was trained on.
    """
    name = run.recipe.data
    data = load_images(name, run.recipe.size)
    if data.input_shape != tuple(model.input_shape[1:]) or data.labels != run.labels:
        raise DataError(
            f"The data {name!r} has changed since the training: it has images "
            f"{data.input_shape} of {len(data.labels)} classes, but the model takes "
            f"{tuple(model.input_shape[1:])} of {len(run.labels)} classes. Train the "
            "run again."
        )
    return data


def ask(model: keras.Model, samples: Samples) -> Answers:
    """Ask a model about samples, a batch in memory at a time."""
    count = len(samples.y)
    answer, probability, loss = np.zeros(count, int), np.zeros(count), np.zeros(count)
    spec = tf.TensorSpec((None, *samples.shape), tf.float32)
    run = tf.function(lambda x: model(x, training=False), input_signature=[spec])
    for first in range(0, count, BATCH_SIZE):
        part = slice(first, min(first + BATCH_SIZE, count))
        x, y = samples.subset(np.arange(part.start, part.stop)).load()
        logits = tf.cast(run(x), tf.float32)
        chances = np.asarray(ops.softmax(logits))
        answer[part], probability[part] = chances.argmax(1), chances.max(1)
        loss[part] = ops.cross_entropy(logits, y)
    return Answers(np.asarray(samples.y), answer, probability, loss)
