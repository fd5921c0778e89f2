"""Consumers are the ones that the matrix claims."""

import pytest
import tensorflow as tf
from consumers import CONSUMERS


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("TensorFlow C", tf.__version__),
        ("older TensorFlow C", "2.20.0"),  # what TensorFlow Serving 2.20 embeds
    ],
)
def test_the_program_runs_with_the_libraries_that_it_is_given(
    name, version, answers, matrix
):
    [consumer] = [one for one in CONSUMERS if one.name == name]
    answers(consumer)
    assert matrix.versions[name] == version
