"""Fixtures of the exporter's tests: one small trained run, exported once."""

import keras
import pytest
from smaller_files import batches

from kerasheet.training import default_recipe, train
from kerasheet_export import export
from kerasheet_export.float16 import write_float16
from kerasheet_export.quantize import write_int8


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


@pytest.fixture(scope="session")
def float32(version):
    return version / "model.onnx"


@pytest.fixture(scope="session")
def smaller(float32, tmp_path_factory):
    """The same model in int8 and in float16, by form."""
    directory = tmp_path_factory.mktemp("smaller")
    files = {form: directory / f"model.{form}.onnx" for form in ("int8", "fp16")}
    write_int8(float32, files["int8"], batches())
    write_float16(float32, files["fp16"])
    return files
