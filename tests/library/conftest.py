"""Fixtures of the library's tests: the one place that imports private Keras."""

import keras
import pytest
from keras.src.testing import TestCase  # private; keras is pinned to 3.15


@pytest.fixture(autouse=True)
def _fixed_seed():
    keras.utils.set_random_seed(0)


@pytest.fixture
def run_layer_test():
    """Keras' own layer test, as a plain function."""
    case = TestCase()
    case.setUp()
    yield case.run_layer_test
    case.doCleanups()
