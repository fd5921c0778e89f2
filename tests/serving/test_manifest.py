"""Manifests: what is written is read, and what is malformed is refused."""

import hashlib
import json
from dataclasses import replace

import pytest

from kerasheet_serving import (
    Deviation,
    Manifest,
    RepositoryError,
    TensorSpec,
    read_manifest,
    verify_file,
    verify_files,
    write_manifest,
)

AGAIN = "Publish the model again with `kerasheet export`."
MANIFEST = Manifest(
    "lenet",
    3,
    (TensorSpec("images", "float32", ("batch", 28, 28, 1)),),
    (TensorSpec("logits", "float32", ("batch", 10)),),
    labels=("null", "één"),
    metrics={"test_accuracy": 0.98, "epochs": 3},
    parity={"saved_model": {"logits": Deviation(1e-6, 1e-7)}},
    provenance={"keras": "3.15.0"},
)


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"weights")
    (tmp_path / "variables").mkdir()
    (tmp_path / "variables" / "data").write_bytes(b"more")
    return tmp_path


def write_document(directory, **changes):
    write_manifest(directory, MANIFEST)
    path = directory / "manifest.json"
    document = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    kept = {name: value for name, value in document.items() if value is not None}
    path.write_text(json.dumps(kept), encoding="utf-8")
    return path


def refusal(directory):
    with pytest.raises(RepositoryError) as error:
        read_manifest(directory)
    return str(error.value)


def test_what_is_written_is_read(directory):
    written = write_manifest(directory, MANIFEST)
    assert read_manifest(directory) == written
    assert written == replace(
        MANIFEST,
        files={
            "model.onnx": hashlib.sha256(b"weights").hexdigest(),
            "variables/data": hashlib.sha256(b"more").hexdigest(),
        },
    )


def test_the_same_version_gives_the_same_bytes(directory):
    write_manifest(directory, MANIFEST)
    first = (directory / "manifest.json").read_bytes()
    write_manifest(directory, read_manifest(directory))
    assert (directory / "manifest.json").read_bytes() == first
    members = list(json.loads(first))
    assert members == sorted(members)
    assert first.endswith(b"}\n")


def test_members_of_a_later_release_are_ignored(directory):
    write_document(directory, vocabulary=["a", "b"])
    assert read_manifest(directory).name == "lenet"


def test_members_with_a_default_may_be_missing(directory):
    write_document(directory, labels=None, parity=None, format=None)
    manifest = read_manifest(directory)
    assert (manifest.labels, manifest.parity, manifest.format) == ((), {}, 1)


def test_a_missing_manifest_is_refused(tmp_path):
    assert refusal(tmp_path) == (
        f"Cannot read {tmp_path}/manifest.json: No such file or directory. {AGAIN}"
    )


def test_a_manifest_that_is_not_json_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    assert refusal(tmp_path) == (
        f"{tmp_path}/manifest.json is not JSON: Expecting property name enclosed in "
        f"double quotes: line 1 column 2 (char 1). {AGAIN}"
    )


def test_a_manifest_of_a_newer_format_is_refused(directory):
    path = write_document(directory, format=2, inputs="in another form")
    assert refusal(directory) == (
        f"{path} has format 2, newer than 1, the newest this release reads. "
        "Upgrade kerasheet-serving."
    )


@pytest.mark.parametrize("number", [0, -1])
def test_a_manifest_of_a_format_that_never_was_is_refused(directory, number):
    path = write_document(directory, format=number)
    assert refusal(directory) == (
        f"{path} is not a manifest: the manifest.format must be 1 or more, "
        f"not {number}. {AGAIN}"
    )


SPEC = {"name": "x", "dtype": "float32", "shape": ["batch"]}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": None}, "the manifest has no 'name'"),
        ({"name": 3}, "the manifest.name must be a string, not 3"),
        ({"version": "3"}, "the manifest.version must be a whole number, not '3'"),
        ({"version": True}, "the manifest.version must be a whole number, not True"),
        ({"inputs": {}}, "the manifest.inputs must be a list, not {}"),
        ({"inputs": [1]}, "the manifest.inputs[0] must be an object, not 1"),
        (
            {"inputs": [{"name": "x", "dtype": "float32"}]},
            "the manifest.inputs[0] has no 'shape'",
        ),
        (
            {"outputs": [SPEC, {**SPEC, "shape": [1.5]}]},
            "the manifest.outputs[1].shape[0] must be a whole number or a string, "
            "not 1.5",
        ),
        (
            {"metrics": {"accuracy": "high"}},
            "the manifest.metrics.accuracy must be a number, not 'high'",
        ),
        ({"files": []}, "the manifest.files must be an object, not []"),
        (
            {"files": {"model.onnx": 1}},
            "the manifest.files.model.onnx must be a string, not 1",
        ),
    ],
)
def test_a_member_of_another_type_is_refused(directory, changes, problem):
    path = write_document(directory, **changes)
    assert refusal(directory) == f"{path} is not a manifest: {problem}. {AGAIN}"


def test_a_manifest_that_is_not_an_object_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("[1]")
    assert refusal(tmp_path) == (
        f"{tmp_path}/manifest.json is not a manifest: the manifest must be an object, "
        f"not [1]. {AGAIN}"
    )


def test_an_untouched_directory_is_verified(directory):
    manifest = write_manifest(directory, MANIFEST)
    verify_file(directory, manifest, "model.onnx")
    verify_files(directory, manifest)


def test_a_changed_file_is_found(directory):
    manifest = write_manifest(directory, MANIFEST)
    path = directory / "variables" / "data"
    path.write_bytes(b"less")
    verify_file(directory, manifest, "model.onnx")
    with pytest.raises(RepositoryError) as error:
        verify_files(directory, manifest)
    assert str(error.value) == (
        f"{path} has sha256 {hashlib.sha256(b'less').hexdigest()}, its manifest says "
        f"{hashlib.sha256(b'more').hexdigest()}: it changed after it was published. "
        f"{AGAIN}"
    )


def test_a_missing_file_is_found(directory):
    manifest = write_manifest(directory, MANIFEST)
    (directory / "model.onnx").unlink()
    with pytest.raises(RepositoryError) as error:
        verify_files(directory, manifest)
    assert str(error.value) == (
        f"Cannot read {directory}/model.onnx: No such file or directory. {AGAIN}"
    )


def test_an_added_file_is_found(directory):
    manifest = write_manifest(directory, MANIFEST)
    (directory / "extra").write_bytes(b"")
    with pytest.raises(RepositoryError) as error:
        verify_files(directory, manifest)
    assert str(error.value) == (
        f"{directory}/extra is not listed in {directory}/manifest.json. {AGAIN}"
    )
