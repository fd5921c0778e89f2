"""The part of a report on the test images: what was taken for what."""

from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np

from kerasheet.data import Dataset
from kerasheet.report.answers import (
    Answers,
    Confusion,
    ask,
    frequent_confusions,
    read_test_data,
)
from kerasheet.report.picture import image_uri, matrix_uri
from kerasheet.training import Run

MOST_CLASSES = 25
"""Of a confusion matrix with its counts; that of more classes is a picture."""


class Mistake(NamedTuple):
    """A test image that the model finds hard.

    Attributes:
        image: its address.
        source: its file, or its number in the data.
        truth: its label.
        answer: the model's.
        probability: that the model gives its answer.
        loss: in nats.
    """

    image: str
    source: str
    truth: str
    answer: str
    probability: float
    loss: float


class Cell(NamedTuple):
    """An entry of a confusion matrix, and its share of the row from 0 to 1."""

    times: int
    share: float


@dataclass(frozen=True)
class Mistakes:
    """What a model of images answers on the test data.

    Attributes:
        samples: number of test images.
        wrong: how many of them are answered wrongly.
        matrix: rows of the confusion matrix; None if there are too many classes.
        picture: the address of the matrix as a picture, if there are.
        confusions: the most frequent ones.
        worst: the images with the largest loss.
    """

    samples: int
    wrong: int
    matrix: list[list[Cell]] | None
    picture: str
    confusions: list[Confusion]
    worst: list[Mistake]


def find_mistakes(run: Run, model: keras.Model, most: int) -> Mistakes:
    """Ask a run's model about all test images.

    Args:
        run: of images.
        model: the run's.
        most: images to show.

    Raises:
        DataError: the data cannot be had, or has changed.
    """
    data = read_test_data(run, model)
    answers = ask(model, data.test)
    counts = answers.confusion(len(run.labels))
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    few = len(run.labels) <= MOST_CLASSES
    return Mistakes(
        samples=len(answers.truth),
        wrong=int((answers.truth != answers.answer).sum()),
        matrix=_cells(counts, shares) if few else None,
        picture="" if few else matrix_uri(shares),
        confusions=frequent_confusions(counts, run.labels),
        worst=_worst(run, data, answers, most),
    )


def _cells(counts: np.ndarray, shares: np.ndarray) -> list[list[Cell]]:
    return [
        [Cell(int(count), float(share)) for count, share in zip(*row, strict=True)]
        for row in zip(counts, shares, strict=True)
    ]


def _worst(run: Run, data: Dataset, answers: Answers, most: int) -> list[Mistake]:
    indices = answers.worst(most)
    images = data.test.subset(indices).load().x
    return [
        Mistake(
            image_uri(image),
            str(data.sources["test"][index]),
            run.labels[answers.truth[index]],
            run.labels[answers.answer[index]],
            float(answers.probability[index]),
            float(answers.loss[index]),
        )
        for index, image in zip(indices, images, strict=True)
    ]
