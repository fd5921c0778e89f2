"""A `model.onnx` from anywhere, alone in a version directory."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from serving_http import InProcess
from serving_models import (
    half_plus_two,
    identity,
    publish,
    similarities,
    sum_and_product,
)

from kerasheet_serving import (
    InvalidArgument,
    RepositoryError,
    Session,
    Settings,
    create_app,
    write_manifest,
)


def put(root, name, model, version=1):
    """Save nothing but the graph."""
    path = root / name / str(version)
    path.mkdir(parents=True)
    onnx.save(model.proto, path / "model.onnx")
    return path


def test_names_types_and_shapes_are_the_graph_s_and_the_version_the_directory_s(
    tmp_path,
):
    session = Session(put(tmp_path, "zoo-model", sum_and_product(), version=7))
    manifest = session.manifest
    assert (manifest.name, manifest.version) == ("zoo-model", 7)
    assert list(map(str, manifest.inputs)) == ["a float32[batch]", "b float32[batch]"]
    assert list(map(str, manifest.outputs)) == [
        "sum float32[batch]",
        "product float32[batch]",
    ]
    outputs = session.run({"a": np.float32([1, 2]), "b": np.float32([3, 4])})
    assert {name: array.tolist() for name, array in outputs.items()} == {
        "sum": [4, 6],
        "product": [3, 8],
    }


def test_it_answers_beside_published_models(tmp_path):
    put(tmp_path, "H", half_plus_two(), version=123)
    publish(tmp_path, "P", half_plus_two())
    server = InProcess(create_app(Settings(tmp_path)))
    for name in ("H", "P"):
        answer = server.ask(
            "POST", f"/v1/models/{name}:predict", content='{"instances":[2.0,3.0,4.0]}'
        )
        assert (answer.status_code, answer.text) == (
            200,
            '{"predictions":[3.0,3.5,4.0]}',
        )
    answer = server.ask(
        "POST", "/v1/models/H/versions/123:regress", content='{"examples":[{"x":2}]}'
    )
    assert answer.text == '{"results":[3.0]}'
    document = server.ask("GET", "/v1/models/H/metadata").json()
    assert document["model_spec"] == {
        "name": "H",
        "signature_name": "",
        "version": "123",
    }


def test_one_whose_rows_belong_together_is_served_without_batches(tmp_path):
    put(tmp_path, "S", similarities())
    server = InProcess(create_app(Settings(tmp_path)))
    answer = server.ask(
        "POST", "/v1/models/S:predict", content='{"instances":[[1.0,0.0],[1.0,2.0]]}'
    )
    assert answer.text == '{"predictions":[[1.0,1.0],[1.0,5.0]]}'


def test_a_directory_that_is_no_version_still_opens(tmp_path):
    onnx.save(half_plus_two().proto, tmp_path / "model.onnx")
    manifest = Session(tmp_path).manifest
    assert (manifest.name, manifest.version) == (tmp_path.parent.name, 1)


def test_sizes_without_a_name_vary_each_by_itself(tmp_path):
    session = Session(put(tmp_path, "M", identity("float32", (None, None))))
    assert str(session.manifest.inputs[0]) == "x float32[?, ?]"
    x = np.zeros((2, 3), np.float32)
    assert session.run({"x": x})["y"].shape == (2, 3)
    with pytest.raises(InvalidArgument) as error:
        session.run({"x": x[0]})
    assert str(error.value) == "Input 'x' must have shape [?, ?], received [3]."


def test_a_type_that_is_not_served_is_refused(tmp_path):
    model = identity("float32", (1,))
    model.proto.graph.node[0].CopyFrom(
        helper.make_node("Cast", ["x"], ["y"], to=TensorProto.BFLOAT16)
    )
    model.proto.graph.output[0].type.tensor_type.elem_type = TensorProto.BFLOAT16
    path = put(tmp_path, "M", model)
    with pytest.raises(RepositoryError) as error:
        Session(path)
    assert str(error.value) == (
        f"{path}/model.onnx has outputs y tensor(bfloat16)[1], of a type that is not "
        "served. Make them one of float16, float32, float64, int8, int16, int32, "
        "int64, uint8, uint16, uint32, uint64, bool, str."
    )


def test_another_graph_than_its_own_is_refused(tmp_path):
    path = put(tmp_path, "M", half_plus_two())
    with pytest.raises(RepositoryError) as error:
        Session(path, graph="step")
    assert str(error.value) == (
        f"{path} has no graph 'step'. It has: none but model.onnx."
    )


def test_a_manifest_that_is_there_is_believed(tmp_path):
    path = put(tmp_path, "M", half_plus_two())
    manifest = write_manifest(path, Session(path).manifest)
    assert Session(path).manifest == manifest
    document = json.loads((path / "manifest.json").read_text())
    document["inputs"][0]["name"] = "z"
    (path / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(RepositoryError) as error:
        Session(path)
    assert str(error.value) == (
        f"{path}/model.onnx has inputs x float32[batch], its manifest.json says "
        "z float32[batch]. Publish the model again with `kerasheet export`."
    )
