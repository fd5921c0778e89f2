"""Confusions, counted again the slow way."""

import numpy as np
import pytest

from kerasheet.data import Stream, digits
from kerasheet.errors import DataError
from kerasheet.report import answers as module
from kerasheet.report.answers import Answers, ask, frequent_confusions, read_test_data


@pytest.fixture(scope="module")
def answers(lenet_run):
    return ask(lenet_run.load_model(), digits().test)


def test_answers_are_those_that_the_run_was_measured_with(answers, lenet_run):
    accuracy = (answers.answer == answers.truth).mean()
    assert accuracy == pytest.approx(lenet_run.metrics["test_accuracy"])
    # Means of 360 float32 losses, summed in another order.
    assert answers.loss.mean() == pytest.approx(
        lenet_run.metrics["test_loss"], rel=1e-5
    )


def test_loss_and_probability_agree_where_the_answer_is_right(answers):
    right = answers.answer == answers.truth
    # A float32 softmax is exact to some 1e-7.
    np.testing.assert_allclose(
        np.exp(-answers.loss[right]), answers.probability[right], rtol=1e-5
    )


def test_samples_on_disk_give_the_same_answers(answers, lenet_run, monkeypatch):
    monkeypatch.setattr(module, "BATCH_SIZE", 50)
    test = digits().test
    stream = Stream(lambda index: test.x[index], np.arange(360), test.y, test.shape)
    again = ask(lenet_run.load_model(), stream)
    np.testing.assert_array_equal(again.answer, answers.answer)
    # Batches of another size are summed in another order.
    np.testing.assert_allclose(again.loss, answers.loss, rtol=1e-4, atol=1e-5)


def test_the_confusion_matrix_counts_every_pair(answers):
    counts = answers.confusion(10)
    for truth in range(10):
        for answer in range(10):
            pairs = zip(answers.truth, answers.answer, strict=True)
            assert counts[truth, answer] == sum(p == (truth, answer) for p in pairs)


def test_confusions_are_ranked_and_right_answers_are_none():
    counts = np.array([[5, 2, 0], [3, 1, 0], [0, 0, 0]])
    assert frequent_confusions(counts, ("a", "b", "c")) == [
        ("b", "a", 3, 0.75),
        ("a", "b", 2, 2 / 7),
    ]
    assert frequent_confusions(np.eye(3), ("a", "b", "c")) == []


def test_the_worst_samples_are_those_of_the_largest_loss():
    zeros = np.zeros(4, int)
    loss = np.array([0.1, 3.0, 0.2, 1.0])
    assert Answers(zeros, zeros, zeros, loss).worst(2).tolist() == [1, 3]


def test_data_that_has_changed_since_is_refused(lenet_run, monkeypatch):
    monkeypatch.setattr(module, "load_images", lambda *_: digits(8))
    with pytest.raises(DataError) as error:
        read_test_data(lenet_run, lenet_run.load_model())
    assert str(error.value) == (
        "The data 'digits' has changed since the training: it has images (8, 8, 1) of "
        "10 classes, but the model takes (28, 28, 1) of 10 classes. Train the run "
        "again."
    )
