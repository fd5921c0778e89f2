"""A published version, checked again by itself; and its warm-up requests."""

import json
import shutil

import numpy as np
import onnx
import pytest
import tensorflow as tf
from onnx import numpy_helper
from tensorflow_serving.apis import prediction_log_pb2

from kerasheet_export import ExportError, ParityError, verify
from kerasheet_export.example_data import read_example_data
from kerasheet_export.requests import examples
from kerasheet_export.saved_model import SavedModel
from kerasheet_export.warmup import FILE, read_warmup, replay, write_warmup
from kerasheet_serving import RepositoryError, Session, read_manifest, write_manifest


@pytest.fixture
def copy(version, tmp_path):
    return shutil.copytree(version, tmp_path / "1")


def test_a_version_as_it_was_published_holds(version):
    parity = verify(version)
    assert set(parity) == {"onnx", "saved_model"}
    assert set(parity["onnx"]) == {"logits", "probabilities"}


def test_test_data_is_that_of_the_model_zoo(version):
    inputs, outputs = read_example_data(version)
    assert {name: array.shape for name, array in inputs.items()} == {
        "images": (8, 28, 28, 1)
    }
    answers = Session(version).run(inputs)
    for name, expected in outputs.items():
        np.testing.assert_allclose(answers[name], expected, rtol=1e-4, atol=1e-5)


def test_a_file_that_changed_is_noticed(copy):
    path = copy / "variables" / "variables.data-00000-of-00001"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(RepositoryError, match="it changed after it was published"):
        verify(copy)


def test_weights_that_changed_with_their_checksum_are_noticed(copy):
    model = onnx.load(copy / "model.onnx")
    weight = next(one for one in model.graph.initializer if one.name.endswith("bias"))
    changed = numpy_helper.to_array(weight) + np.float32(0.01)
    weight.CopyFrom(numpy_helper.from_array(changed, weight.name))
    onnx.save(model, copy / "model.onnx")
    write_manifest(copy, read_manifest(copy))
    with pytest.raises(ParityError, match="The onnx form of 'lenet_batch_norm'"):
        verify(copy)


def test_a_signature_that_is_gone_is_noticed(copy):
    document = json.loads((copy / "manifest.json").read_text())
    del document["signatures"]["classify"]
    (copy / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(ExportError) as error:
        verify(copy)
    assert str(error.value) == (
        f"{copy} has a SavedModel with the signatures classify, predict_bytes, "
        "serving_default; its manifest says predict_bytes, serving_default. Publish "
        "the model again with `kerasheet export`."
    )


def test_a_version_without_test_data_is_not_said_to_hold(copy):
    shutil.rmtree(copy / "test_data_set_0")
    write_manifest(copy, read_manifest(copy))
    with pytest.raises(ExportError) as error:
        verify(copy)
    assert str(error.value) == (
        f"{copy} has no test data to answer. Publish the model again with `kerasheet "
        "export`."
    )


def test_a_directory_above_the_versions_is_none(version):
    with pytest.raises(ExportError) as error:
        verify(version.parent)
    assert str(error.value) == (
        f"{str(version.parent)!r} is no version of a model: it has no manifest.json. "
        "Name a directory such as REPOSITORY/MODEL/1."
    )


def test_warm_up_asks_every_signature_and_is_answered(version):
    saved_model = SavedModel(version)
    asked = [name for name, _ in read_warmup(version)]
    assert set(asked) == set(saved_model.signatures)
    assert replay(version, saved_model) == len(asked)
    records = tf.data.TFRecordDataset(str(version / FILE)).as_numpy_iterator()
    logs = [prediction_log_pb2.PredictionLog.FromString(one) for one in records]
    assert {log.WhichOneof("log_type") for log in logs} == {
        "predict_log",
        "classify_log",
    }


def test_an_example_that_ends_in_zeros_is_read_as_it_was_written(tmp_path):
    request = examples("x", np.zeros((2, 3), "int32"))
    write_warmup(tmp_path, "m", [("classify", request)])
    [(name, inputs)] = read_warmup(tmp_path)
    assert name == "classify"
    assert inputs["inputs"].tolist() == request["inputs"].tolist()


def test_a_warm_up_request_that_fails_is_told(version, tmp_path):
    write_warmup(tmp_path, "m", [("serving_default", {"nothing": np.zeros(1)})])
    with pytest.raises(ExportError) as error:
        replay(tmp_path, SavedModel(version))
    assert str(error.value).startswith(
        "Warm-up request 1, to the signature 'serving_default', fails: "
    )
