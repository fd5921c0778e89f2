"""Fixtures of the exporter's tests: one small trained run, exported once."""

import keras
import pytest

from kerasheet.training import default_recipe, train
from kerasheet_export import export


@pytest.fixture(autouse=True)
def _fixed_seed():
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    recipe = default_recipe("lenet_batch_norm", "digits", epochs=2)
    return train(recipe, tmp_path_factory.mktemp("runs") / "lenet")


@pytest.fixture(scope="session")
def version(run, tmp_path_factory):
    return export(run, tmp_path_factory.mktemp("repository"))
