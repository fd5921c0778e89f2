"""Smaller files, int8 and float16: the same to whoever calls them."""

import dataclasses

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from onnx.reference import ReferenceEvaluator
from smaller_files import answers

from kerasheet.data import digits
from kerasheet.language import Vocabulary
from kerasheet.models import rnn_lm
from kerasheet_export import export
from kerasheet_export.float16 import write_float16
from kerasheet_export.quantize import write_int8
from kerasheet_export.reduction import check_reduction
from kerasheet_serving import Session, read_manifest
from kerasheet_serving.manifest import write_manifest
from kerasheet_serving.onnx_graph import check_described, open_graph
from kerasheet_serving.specs import GraphSpec

FORMS = ["int8", "fp16"]
ATOL = {"int8": 0.05, "fp16": 1e-3}  # on probabilities; 8 and 11 bits of a number


@pytest.mark.parametrize("form", FORMS)
def test_a_smaller_file_answers_nearly_the_same(form, float32, smaller):
    x = digits().test.x
    expected, found = answers(float32, x)[1], answers(smaller[form], x)[1]
    assert np.mean(np.abs(found - expected)) < ATOL[form] / 10
    np.testing.assert_allclose(found, expected, atol=10 * ATOL[form])


@pytest.mark.parametrize("form", FORMS)
def test_a_smaller_file_is_called_as_the_float32_one(form, float32, smaller):
    before, after = onnx.load(float32), onnx.load(smaller[form])
    onnx.checker.check_model(after, full_check=True)
    assert list(after.graph.input) == list(before.graph.input)
    assert list(after.graph.output) == list(before.graph.output)
    said_before, said_after = (
        {one.key: one.value for one in model.metadata_props}
        for model in (before, after)
    )
    assert said_after == said_before
    assert after.ir_version == before.ir_version
    assert [(entry.domain, entry.version) for entry in after.opset_import] == [
        (entry.domain, entry.version)
        for entry in before.opset_import
        if entry.domain == ""
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_smaller_file_means_the_same_to_the_reference_implementation(form, smaller):
    """The specification itself: nothing that only ONNX Runtime understands."""
    x, model = digits().test.x[:8], onnx.load(smaller[form])
    model.opset_import[0].version = 19  # older DequantizeLinear it does not have
    [found] = ReferenceEvaluator(model).run(["probabilities"], {"images": x})
    np.testing.assert_allclose(found, answers(smaller[form], x)[1], atol=ATOL[form])


@pytest.mark.parametrize("form", FORMS)
def test_the_server_opens_a_smaller_file_as_a_further_graph(
    form, version, smaller, tmp_path
):
    manifest = read_manifest(version)
    (tmp_path / "model.onnx").write_bytes((version / "model.onnx").read_bytes())
    name = smaller[form].name
    (tmp_path / name).write_bytes(smaller[form].read_bytes())
    spec = GraphSpec(name, manifest.inputs, manifest.outputs)
    write_manifest(tmp_path, dataclasses.replace(manifest, graphs={form: spec}))
    check_described(open_graph(tmp_path / name, 1), spec)
    x = digits().test.x[:3]
    found = Session(tmp_path, graph=form).run({"images": x})
    assert found["probabilities"].dtype == np.float32
    np.testing.assert_array_equal(found["probabilities"], answers(smaller[form], x)[1])


def test_equal_constants_are_stored_once_under_short_names(smaller):
    graph = onnx.load(smaller["int8"]).graph
    stored = [
        (one.data_type, tuple(one.dims), onnx.numpy_helper.to_array(one).tobytes())
        for one in graph.initializer
    ]
    assert len(set(stored)) == len(stored)
    fixed = {value.name for value in (*graph.input, *graph.output)}
    names = {name for node in graph.node for name in (*node.input, *node.output)}
    assert max(map(len, names - fixed)) <= 2
    assert not graph.value_info


@pytest.fixture(scope="module")
def text_version(tmp_path_factory):
    """Of a language model large enough that its weights are most of its bytes."""
    keras.utils.set_random_seed(0)
    vocabulary = Vocabulary.build("the cat sat on the mat")
    model = rnn_lm(classes=len(vocabulary), units=64, num_layers=2)
    return export(model, tmp_path_factory.mktemp("text"), vocabulary=vocabulary)


def test_a_language_model_keeps_its_answers_in_float16(text_version, tmp_path):
    rng = np.random.default_rng(0)
    ids = rng.integers(10, size=(20, 12), dtype=np.int32)
    feeds = {"model": {}, "step": {"state": np.zeros((20, 2, 64), np.float32)}}
    for name, feed in feeds.items():
        source, target = text_version / f"{name}.onnx", tmp_path / f"{name}.onnx"
        write_float16(source, target)
        before, after = open_graph(source, 1), open_graph(target, 1)
        assert after.inputs == before.inputs
        assert after.outputs == before.outputs
        feed["ids" if name == "step" else before.inputs[0].name] = ids
        names = [spec.name for spec in before.outputs]
        for found, expected in zip(
            after.session.run(names, feed), before.session.run(names, feed), strict=True
        ):
            np.testing.assert_allclose(found, expected, atol=0.01)
    reduction = check_reduction(
        "fp16", text_version / "model.onnx", tmp_path / "model.onnx", ids, ids
    )
    assert abs(reduction.accuracy - reduction.float32_accuracy) <= 0.005


def test_what_is_computed_from_outputs_keeps_float32(tmp_path):
    """A softmax, and the name of the likeliest class."""
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        named (float[b, 2] x)
            => (float[b, 2] logits, float[b, 2] probabilities, string[b] classes)
        <float[2, 2] w = {1.0, -1.0, 0.5, 2.0}, string[2] labels = {"no", "yes"}> {
            [first] logits = MatMul(x, w)
            [second] probabilities = Softmax(logits)
            [third] best = ArgMax <axis = -1, keepdims = 0> (logits)
            [fourth] classes = Gather(labels, best)
        }
    """)
    source, x = tmp_path / "model.onnx", np.eye(2, dtype=np.float32)
    onnx.save(model, source)
    write_int8(source, tmp_path / "int8.onnx", [{"x": x}])
    write_float16(source, tmp_path / "fp16.onnx")
    for form in FORMS:
        graph = open_graph(tmp_path / f"{form}.onnx", 1)
        assert graph.outputs == open_graph(source, 1).outputs
        logits, probabilities, classes = graph.session.run(None, {"x": x})
        expected = np.asarray(tf.nn.softmax(logits))
        np.testing.assert_allclose(probabilities, expected, atol=1e-6)
        assert classes.tolist() == ["no", "yes"]
