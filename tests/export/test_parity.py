"""What counts as a difference from Keras."""

import numpy as np
import pytest

from kerasheet_export import ParityError
from kerasheet_export.parity import compare

BATCHES = [
    ({"x": np.full((2, 1), number)}, {"probabilities": np.full((2, 3), number)})
    for number in (0.25, 0.5, 1.0)
]


def refusal(run):
    with pytest.raises(ParityError) as error:
        compare("m", "onnx", run, BATCHES)
    return str(error.value)


def test_equal_answers_differ_by_nothing():
    def run(inputs):
        return {"probabilities": np.repeat(inputs["x"], 3, axis=1)}

    [(output, delta)] = compare("m", "onnx", run, BATCHES).items()
    assert (output, delta.absolute, delta.relative) == ("probabilities", 0, 0)


@pytest.mark.parametrize("wrong", [0.25, 0.5, 1.0])
def test_what_is_no_number_in_any_batch_is_a_difference(wrong):
    def run(inputs):
        x = inputs["x"]
        return {"probabilities": np.repeat(np.where(x == wrong, np.nan, x), 3, axis=1)}

    assert refusal(run) == (
        "The onnx form of 'm' differs from Keras by nan on probabilities, nan of the "
        "largest value, where 1e-05 is allowed. It must not be used."
    )


def test_an_answer_that_is_missing_is_a_difference():
    assert refusal(lambda inputs: {}) == (
        "The onnx form of 'm' differs from Keras by inf on probabilities, inf of the "
        "largest value, where 1e-05 is allowed. It must not be used."
    )
