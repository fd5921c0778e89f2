"""What a version must prove before it serves."""

import shutil

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from serving_models import (
    change_byte,
    half_plus_two,
    identity,
    publish,
    sum_and_product,
)

from kerasheet_serving import Manifest, RepositoryError, Session, write_manifest
from kerasheet_serving.loading import fingerprint, load

X, Y = np.float32([2, 3]), np.float32([3, 3.5])


def put(root, model, inputs, outputs, manifest=True):
    """Save a version with its test data."""
    path = root / "M" / "1"
    (path / "test_data_set_0").mkdir(parents=True)
    onnx.save(model.proto, path / "model.onnx")
    for kind, arrays in (("input", inputs), ("output", outputs)):
        for index, (name, array) in enumerate(arrays):
            tensor = numpy_helper.from_array(np.asarray(array), name)
            file = path / "test_data_set_0" / f"{kind}_{index}.pb"
            file.write_bytes(tensor.SerializeToString())
    if manifest:
        write_manifest(path, Manifest("M", 1, model.inputs, model.outputs))
    return path


def refusal(root, path):
    with pytest.raises(RepositoryError) as error:
        load(root, path, None)
    return str(error.value)


@pytest.mark.parametrize("manifest", [True, False])
def test_a_version_that_answers_its_test_data_loads(tmp_path, manifest):
    path = put(tmp_path, half_plus_two(), [("x", X)], [("y", Y + 5e-5)], manifest)
    assert load(tmp_path, path, None).run({"x": X})["y"].tolist() == [3, 3.5]


def test_test_data_without_names_is_told_by_its_numbers(tmp_path):
    inputs, outputs = [("", X), ("", Y)], [("", X + Y), ("other", X * Y)]
    path = put(tmp_path, sum_and_product(), inputs, outputs)
    assert load(tmp_path, path, None).manifest.version == 1


def test_texts_and_what_is_not_finite_can_be_test_data(tmp_path):
    odd = np.float32([np.nan, np.inf, -np.inf])
    load(tmp_path, put(tmp_path, half_plus_two(), [("x", odd)], [("y", odd)]), None)
    shutil.rmtree(tmp_path / "M")
    texts = np.array(["a", "é"], object)
    load(tmp_path, put(tmp_path, identity("str"), [("x", texts)], [("y", texts)]), None)


@pytest.mark.parametrize(
    ("expected", "off"),
    [(Y + 1, "2.2e-01"), (Y[:1], "inf"), (np.float32([np.nan, 3.5]), "nan")],
)
def test_a_version_that_answers_differently_is_refused(tmp_path, expected, off):
    path = put(tmp_path, half_plus_two(), [("x", X)], [("y", expected)])
    assert refusal(tmp_path, path) == (
        f"{path}/test_data_set_0 is answered differently: 'y' is off by {off}, where "
        "1e-04 is allowed. Publish the model again with `kerasheet export`."
    )


def test_test_data_that_the_model_does_not_take_is_refused(tmp_path):
    path = put(tmp_path, half_plus_two(), [("x", X.astype(int))], [("y", Y)])
    assert refusal(tmp_path, path) == (
        f"{path}/test_data_set_0 cannot be answered: Input 'x' must have type float32, "
        "received int64."
    )


def test_test_data_for_another_model_is_refused(tmp_path):
    path = put(tmp_path, half_plus_two(), [("x", X), ("z", X)], [("y", Y)])
    assert refusal(tmp_path, path) == (
        f"{path}/test_data_set_0/input_1.pb is input 'z' of the model, which has ['x']."
    )


def test_test_data_that_cannot_be_read_is_refused(tmp_path):
    path = put(tmp_path, half_plus_two(), [("x", X)], [("y", Y)], manifest=False)
    (path / "test_data_set_0" / "input_0.pb").write_bytes(b"\xff")
    assert refusal(tmp_path, path).startswith(
        f"Cannot read {path}/test_data_set_0/input_0.pb: It is not a TensorProto that "
        "is served: "
    )


def test_any_file_of_the_manifest_that_changed_is_refused(tmp_path):
    path = put(tmp_path, half_plus_two(), [("x", X)], [("y", Y)])
    change_byte(path / "test_data_set_0" / "output_0.pb")
    assert Session(path).manifest.version == 1
    assert refusal(tmp_path, path).startswith(
        f"{path}/test_data_set_0/output_0.pb has sha256 "
    )


def test_a_version_without_test_data_is_warmed_up_with_zeros(tmp_path, monkeypatch):
    asked = []
    run = Session.run
    monkeypatch.setattr(
        Session, "run", lambda self, inputs: asked.append(inputs) or run(self, inputs)
    )
    load(tmp_path, publish(tmp_path, "M", sum_and_product()), None)
    load(tmp_path, publish(tmp_path, "text", identity("str", ("batch", 2))), None)
    assert [{n: a.tolist() for n, a in one.items()} for one in asked] == [
        {"a": [0], "b": [0]},
        {"x": [["", ""]]},
    ]


def test_what_leads_out_of_the_repository_is_refused(tmp_path):
    root = tmp_path / "models"
    elsewhere = publish(tmp_path / "elsewhere", "M", half_plus_two())
    for link, target in (
        (root / "A" / "1", elsewhere),
        (root / "B" / "1" / "model.onnx", elsewhere / "model.onnx"),
    ):
        link.parent.mkdir(parents=True)
        link.symlink_to(target)
        version = root / link.relative_to(root).parts[0] / "1"
        assert refusal(root, version) == (
            f"{link} leads out of the repository. Put the file itself there."
        )


def test_a_link_inside_the_repository_is_followed(tmp_path):
    path = publish(tmp_path, "M", half_plus_two())
    (tmp_path / "M" / "2").symlink_to(path)
    assert load(tmp_path, tmp_path / "M" / "2", None).manifest.version == 1


def test_a_manifest_that_names_a_file_outside_is_refused(tmp_path):
    path = publish(tmp_path / "models", "M", half_plus_two())
    (tmp_path / "secret").write_text("secret")
    text = (path / "manifest.json").read_text()
    text = text.replace('"files": {', '"files": {"../../../secret": "",')
    (path / "manifest.json").write_text(text)
    assert refusal(tmp_path / "models", path) == (
        f"{path}/../../../secret leads out of the repository. "
        "Put the file itself there."
    )


def test_a_fingerprint_is_another_when_a_file_is(tmp_path):
    path = publish(tmp_path, "M", half_plus_two())
    before = fingerprint(path)
    assert fingerprint(path) == before
    (path / "more").write_text("x")
    with_more = fingerprint(path)
    (path / "more").write_text("xy")
    assert len({before, with_more, fingerprint(path)}) == 3
    assert fingerprint(tmp_path / "no") == frozenset()
