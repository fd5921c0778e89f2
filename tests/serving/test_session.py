"""Sessions: they compute, and refuse what they were not made for."""

import json
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from serving_models import (
    change_byte,
    half_plus_two,
    identity,
    publish,
    sum_and_product,
)

from kerasheet_serving import (
    InvalidArgument,
    Manifest,
    RepositoryError,
    Session,
    TensorSpec,
    write_manifest,
)


@pytest.fixture(scope="module")
def session(repository):
    return Session(repository / "ab" / "1", threads=1)


def test_computes_every_output_in_the_manifest_s_order(session):
    a, b = np.float32([1, 2]), np.float32([3, 4])
    outputs = session.run({"b": b, "a": a})
    assert list(outputs) == ["sum", "product"]
    np.testing.assert_array_equal(outputs["sum"], a + b)
    np.testing.assert_array_equal(outputs["product"], a * b)


def test_runs_from_a_directory_that_is_still_being_staged(tmp_path):
    onnx.save(half_plus_two().proto, tmp_path / "model.onnx")
    model = half_plus_two()
    write_manifest(tmp_path, Manifest("H", 1, model.inputs, model.outputs))
    outputs = Session(tmp_path).run({"x": np.float32([2])})
    np.testing.assert_array_equal(outputs["y"], np.float32([3]))


@pytest.mark.parametrize(
    "strings",
    [
        np.array(["a", "é"], object),
        np.array(["a", "é"]),
        np.array([b"a", "é".encode()], object),
        np.array([b"a", "é".encode()]),
    ],
    ids=["objects", "text", "objects of bytes", "bytes"],
)
def test_takes_strings_as_text_or_as_bytes(repository, strings):
    outputs = Session(repository / "text" / "1").run({"x": strings})
    assert outputs["y"].tolist() == ["a", "é"]


ONE = np.float32([1])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"a": ONE}, "Model 'ab' takes inputs ['a', 'b'], received ['a']."),
        (
            {"a": ONE, "b": ONE, "c": ONE},
            "Model 'ab' takes inputs ['a', 'b'], received ['a', 'b', 'c'].",
        ),
        (
            {"a": ONE, "b": np.array([1])},
            "Input 'b' must have type float32, received int64.",
        ),
        (
            {"a": ONE, "b": np.float32([[1]])},
            "Input 'b' must have shape [1], received [1, 1].",
        ),
        (
            {"a": [1.0, 2.0], "b": ONE},
            "Input 'a' must be a NumPy array, received list. "
            "Make it one with numpy.asarray.",
        ),
        (
            {"a": np.float32(1), "b": ONE},
            "Input 'a' must have shape [batch], received [].",
        ),
        (
            {"a": ONE, "b": np.float32([1, 2])},
            "Input 'b' must have shape [1], received [2].",
        ),
    ],
)
def test_refuses_inputs(session, inputs, message):
    with pytest.raises(InvalidArgument) as error:
        session.run(inputs)
    assert str(error.value) == message


def test_refuses_numbers_where_strings_are_expected(repository):
    with pytest.raises(InvalidArgument) as error:
        Session(repository / "text" / "1").run({"x": ONE})
    assert str(error.value) == "Input 'x' must hold strings, received float32."


def test_refuses_strings_where_numbers_are_expected(repository):
    with pytest.raises(InvalidArgument) as error:
        Session(repository / "H" / "123").run({"x": np.array(["1"])})
    assert str(error.value) == "Input 'x' must have type float32, received str32."


def test_refuses_a_model_that_changed_after_it_was_published(tmp_path):
    path = publish(tmp_path, "M", half_plus_two())
    change_byte(path / "model.onnx")
    with pytest.raises(RepositoryError) as error:
        Session(path)
    assert str(error.value).startswith(f"{path}/model.onnx has sha256 ")


def test_refuses_a_file_that_is_no_model(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    model = half_plus_two()
    write_manifest(tmp_path, Manifest("M", 1, model.inputs, model.outputs))
    with pytest.raises(RepositoryError) as error:
        Session(tmp_path)
    assert str(error.value).startswith(
        f"{tmp_path}/model.onnx is not a model that ONNX Runtime "
        f"{onnxruntime.__version__} can load: "
    )


@pytest.mark.parametrize("part", [b"Mul", b"x"], ids=["operation", "input"])
def test_refuses_a_model_whose_text_is_not_utf_8(tmp_path, capfd, part):
    model = half_plus_two(("batch", 28))
    content = model.proto.SerializeToString()
    prefix = bytes([len(part)])
    (tmp_path / "model.onnx").write_bytes(
        content.replace(prefix + part, prefix + b"\xff" * len(part))
    )
    write_manifest(tmp_path, Manifest("M", 1, model.inputs, model.outputs))
    with pytest.raises(RepositoryError) as error:
        Session(tmp_path)
    assert str(error.value).startswith(
        f"{tmp_path}/model.onnx is not a model that ONNX Runtime "
        f"{onnxruntime.__version__} can load: 'utf-8' codec can't decode byte 0xff in "
    )
    assert capfd.readouterr() == ("", "")


X = {"name": "x", "dtype": "float32", "shape": ["batch", 28]}


def describe(path, **changes):
    """Change what the manifest in a version directory says."""
    document = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**document, **changes}))


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
@pytest.mark.parametrize(
    ("specs", "said"),
    [
        ([{**X, "name": "z"}], "z float32[batch, 28]"),
        ([{**X, "dtype": "int64"}], "x int64[batch, 28]"),
        ([{**X, "dtype": "tensor(float)"}], "x tensor(float)[batch, 28]"),
        ([{**X, "shape": ["batch"]}], "x float32[batch]"),
        ([{**X, "shape": ["batch", 28, 1]}], "x float32[batch, 28, 1]"),
        ([{**X, "shape": ["batch", 32]}], "x float32[batch, 32]"),
        ([{**X, "shape": ["batch", -3]}], "x float32[batch, -3]"),
        ([{**X, "shape": ["batch", 0]}], "x float32[batch, 0]"),
        ([{**X, "shape": ["batch", "width"]}], "x float32[batch, width]"),
        ([{**X, "shape": [1, 28]}], "x float32[1, 28]"),
        ([X, X], "x float32[batch, 28], x float32[batch, 28]"),
        ([], "none"),
    ],
)
def test_refuses_a_manifest_that_describes_another_model(tmp_path, kind, specs, said):
    path = publish(tmp_path, "M", identity("float32", ("batch", 28), output="x2"))
    found = {"inputs": "x float32[batch, 28]", "outputs": "x2 float32[batch, 28]"}
    if kind == "outputs":
        specs = [{**spec, "name": spec["name"] + "2"} for spec in specs]
        said = said.replace("x ", "x2 ").replace("z ", "z2 ")
    describe(path, **{kind: specs})
    with pytest.raises(RepositoryError) as error:
        Session(path)
    assert str(error.value) == (
        f"{path}/model.onnx has {kind} {found[kind]}, its manifest.json says {said}. "
        "Publish the model again with `kerasheet export`."
    )


def test_a_size_that_varies_may_have_any_name(tmp_path):
    path = publish(tmp_path, "M", identity("float32", ("n", None)))
    specs = [{**X, "shape": ["batch", "width"]}]
    describe(path, inputs=specs, outputs=[{**specs[0], "name": "y"}])
    x = np.float32([[1, 2]])
    np.testing.assert_array_equal(Session(path).run({"x": x})["y"], x)


def test_refuses_a_model_of_a_type_that_is_not_served(tmp_path):
    model = identity("float32", (1,))
    model.proto.graph.node[0].CopyFrom(
        helper.make_node("Cast", ["x"], ["y"], to=TensorProto.BFLOAT16)
    )
    model.proto.graph.output[0].type.tensor_type.elem_type = TensorProto.BFLOAT16
    path = publish(tmp_path, "M", model)
    with pytest.raises(RepositoryError) as error:
        Session(path)
    assert str(error.value) == (
        f"{path}/model.onnx has outputs y tensor(bfloat16)[1], of a type that is not "
        "served. Make them one of float16, float32, float64, int8, int16, int32, "
        "int64, uint8, uint16, uint32, uint64, bool, str."
    )


def test_a_copied_version_directory_still_loads(tmp_path):
    path = publish(tmp_path, "M", sum_and_product())
    shutil.copytree(path, tmp_path / "M" / "2")
    assert Session(tmp_path / "M" / "2").manifest.version == 1


def test_a_model_of_every_type_loads(repository):
    for dtype in ("float16", "float64", "int8", "int64", "uint64", "bool"):
        x = np.array([0, 1], dtype)
        outputs = Session(repository / dtype / "1").run({"x": x})
        np.testing.assert_array_equal(outputs["y"], x)
        assert outputs["y"].dtype == x.dtype


def test_specs_read_as_they_are_shown():
    assert str(TensorSpec("x", "float32", ("batch", 28, 1))) == (
        "x float32[batch, 28, 1]"
    )
    assert identity("bool").inputs[0] == TensorSpec("x", "bool", ("batch",))
