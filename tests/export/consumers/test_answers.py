"""Every consumer answers as Keras does, or refuses as it is known to."""

import numpy as np
import pytest
from consumers import ANSWERED, REFUSED, UNHELD
from subjects import IN_ONNX

# float32 in another order of summation, with other approximations of exp and tanh;
# logits vary by about 1, as the states do.
ATOL = {"probabilities": 1e-5, "scores": 1e-5, "logits": 1e-4, "next_state": 1e-5}


@pytest.mark.parametrize("row", IN_ONNX)
def test_what_is_asked_tells_a_right_answer_from_a_wrong_one(row, subjects):
    said = [run.expected["probabilities"] for run in subjects[row].runs]
    largest = max(said, key=len)
    probabilities = largest.reshape(len(largest), -1)
    assert np.ptp(probabilities, axis=0).max() > 0.05  # from input to input
    assert np.ptp(probabilities, axis=1).max() > 0.1  # from class to class
    assert probabilities.min() > 1e-5
    assert probabilities.max() < 1 - 1e-5


@pytest.mark.parametrize(("consumer", "row"), ANSWERED, ids=str)
def test_a_consumer_answers_as_keras_does(consumer, row, subjects, answers, matrix):
    received = answers(consumer)[row]
    assert not isinstance(received, str), f"{consumer} refuses {row}: {received}"
    deviations = [
        deviation
        for run, answer in zip(subjects[row].runs, received, strict=True)
        for deviation in _compare(run.expected, answer)
    ]
    matrix.record(consumer, row, max(deviations, default=0))


def _compare(expected, answer):
    """Check every output; the largest deviations of what is a probability."""
    for name, values in expected.items():
        if values.dtype.kind == "S":
            np.testing.assert_array_equal(answer[name], values)
            continue
        np.testing.assert_allclose(
            answer[name], values, atol=ATOL[name], rtol=0, strict=True
        )
        if name in ("probabilities", "scores"):
            yield np.max(np.abs(answer[name] - values))


@pytest.mark.parametrize(("consumer", "row"), REFUSED, ids=str)
def test_a_consumer_still_refuses_what_it_is_known_to(consumer, row, answers, matrix):
    """Passing instead would be good news, and a line to delete in `consumers.py`."""
    received, refusal = answers(consumer)[row], consumer.refusals[row]
    assert isinstance(received, str), f"{consumer} reads {row} by now."
    assert refusal.error in received
    matrix.record_refusal(consumer, row, refusal.reason)


@pytest.mark.parametrize(("consumer", "row"), UNHELD, ids=str)
def test_only_a_saved_model_has_a_signature_of_strings(consumer, row, subjects, matrix):
    assert subjects[row].graph is None
    matrix.record_refusal(consumer, row, "Only the SavedModel has this signature")
