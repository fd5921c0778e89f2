"""The ONNX graph of every model: as few nodes as the architecture has, and named."""

from collections import Counter

import keras
import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime
import pytest
import tensorflow as tf
from model_cases import CASES
from vivid_weights import RELU_GAIN, SIGMOID_GAIN, make_vivid, vivid_images

from kerasheet.layers import Corr2D, Dense, Flatten, SimpleRNN
from kerasheet.models import lenet, mlp
from kerasheet_export import ExportError
from kerasheet_export.fusion import fuse
from kerasheet_export.onnx import onnx_graph, write_onnx
from kerasheet_export.signature import inference

NODES = {
    "softmax_regression": {"Gemm": 1},
    "mlp": {"Gemm": 2, "Relu": 1},
    "mlp_dropout": {"Gemm": 3, "Relu": 2},
    "lenet": {"Conv": 2, "MaxPool": 2, "Sigmoid": 4, "Gemm": 3, "Reshape": 2},
    "lenet_avg": {"Conv": 2, "AveragePool": 2, "Sigmoid": 4, "Gemm": 3, "Reshape": 2},
    "lenet_batch_norm": {
        "Conv": 2,
        "MaxPool": 2,
        "Sigmoid": 4,
        "Gemm": 3,
        "Reshape": 2,
    },
    "alexnet": {"Conv": 5, "MaxPool": 3, "Relu": 7, "Gemm": 3, "Reshape": 2},
    "vgg11": {"Conv": 8, "MaxPool": 5, "Relu": 10, "Gemm": 3, "Reshape": 2},
    "vgg13": {"Conv": 10, "MaxPool": 5, "Relu": 12, "Gemm": 3, "Reshape": 2},
    "vgg16": {"Conv": 13, "MaxPool": 5, "Relu": 15, "Gemm": 3, "Reshape": 2},
    "vgg19": {"Conv": 16, "MaxPool": 5, "Relu": 18, "Gemm": 3, "Reshape": 2},
    "nin": {"Conv": 12, "MaxPool": 3, "Relu": 12},
    "googlenet": {"Conv": 57, "MaxPool": 13, "Relu": 57, "Concat": 9, "Gemm": 1},
    "resnet18": {"Conv": 20, "MaxPool": 1, "Relu": 17, "Add": 8, "Gemm": 1},
    "resnet34": {"Conv": 36, "MaxPool": 1, "Relu": 33, "Add": 16, "Gemm": 1},
    "densenet": {
        "Conv": 20,
        "MaxPool": 1,
        "AveragePool": 3,
        "Relu": 21,
        "Concat": 16,
        "BatchNormalization": 20,
        "Gemm": 1,
    },
}
NODES |= dict.fromkeys(("vgg11_quarter", "vgg11_eighth"), NODES["vgg11"])
"""Beside one Reshape of the images and one Softmax. DenseNet normalizes before its
convolutions, where nothing can take that over."""

POOLED = {"GlobalAveragePool": 1, "Squeeze": 1}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_model_has_no_node_too_many_and_means_the_same(case, tmp_path):
    model = case.build()
    x = vivid_images(model.input_shape[1:], 8)
    make_vivid(model, x, SIGMOID_GAIN if case.name.startswith("lenet") else RELU_GAIN)
    graph = onnx_graph(inference(model), 17)
    write_onnx(graph, tmp_path / "m.onnx", {})
    found = Counter(node.op_type for node in graph.graph)
    pooled = POOLED if "GlobalAveragePool" in found else {}
    assert found == {"Reshape": 1, "Softmax": 1, **NODES[case.name], **pooled}
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    [logits] = session.run(["logits"], {"images": x[:3]})
    expected = np.asarray(model(x[:3], training=False))
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)


def test_published_paddings_leave_no_pad_behind():
    for build in (mlp, lenet):
        operations = {node.op_type for node in onnx_graph(inference(build()), 17).graph}
        assert not operations & {"Pad", "Transpose", "Identity", "Cast", "Shape"}


def test_images_of_three_channels_need_one_transpose():
    images = keras.Input((8, 8, 3), name="images")
    x = Corr2D(4, 3, padding=1, strides=2, activation="relu")(images)
    model = keras.Model(images, Dense(2)(Flatten()(x)))
    found = Counter(node.op_type for node in onnx_graph(inference(model), 17).graph)
    assert found == {
        "Transpose": 1,
        "Conv": 1,
        "Relu": 1,
        "Reshape": 1,
        "Gemm": 1,
        "Softmax": 1,
    }


def test_names_say_the_layer_and_do_not_depend_on_what_was_exported_before(tmp_path):
    model = lenet(batch_norm=True)
    files = []
    for number in range(2):
        path = tmp_path / f"{number}.onnx"
        write_onnx(onnx_graph(inference(model), 17), path, {"dataset": "digits"})
        files.append(path.read_bytes())
    assert files[0] == files[1]
    proto = onnx.load_from_string(files[0])
    assert proto.ir_version == 8
    assert [(one.domain, one.version) for one in proto.opset_import] == [("", 17)]
    names = {node.name for node in proto.graph.node}
    assert {"conv1/Conv", "pool2/MaxPool", "dense1/Gemm"} < names
    weights = {tensor.name for tensor in proto.graph.initializer}
    assert {"conv1/Conv/weight", "conv1/Conv/bias", "dense2/Gemm/weight"} < weights
    values = (*proto.graph.input, *proto.graph.output)
    assert [value.name for value in values] == ["images", "logits", "probabilities"]
    symbols = {
        size.dim_param
        for value in values
        for size in value.type.tensor_type.shape.dim
        if size.dim_param
    }
    assert symbols == {"batch"}
    assert "unk__" not in str(proto)
    assert [(one.key, one.value) for one in proto.metadata_props] == [
        ("dataset", "digits")
    ]


def test_weights_beyond_two_gigabytes_lie_beside_the_file(tmp_path):
    """Shown with a smaller limit: the same path is taken."""
    model, path = mlp(), tmp_path / "model.onnx"
    write_onnx(onnx_graph(inference(model), 17), path, {}, largest=100_000)
    assert path.stat().st_size < 5_000
    assert (tmp_path / "model.onnx.data").stat().st_size >= 4 * 203_000
    x = np.random.default_rng(0).random((2, 28, 28, 1), "float32")
    [logits] = onnxruntime.InferenceSession(path).run(["logits"], {"images": x})
    np.testing.assert_allclose(logits, np.asarray(model(x)), atol=1e-5)


@pytest.mark.parametrize("opset", [13, 15, 18])
def test_other_opsets_are_written_too(opset, tmp_path):
    model, path = lenet(), tmp_path / "m.onnx"
    write_onnx(onnx_graph(inference(model), opset), path, {})
    assert onnx.load(path).opset_import[0].version == opset
    x = np.random.default_rng(0).random((2, 28, 28, 1), "float32")
    [logits] = onnxruntime.InferenceSession(path).run(["logits"], {"images": x})
    np.testing.assert_allclose(logits, np.asarray(model(x)), atol=1e-5)


def test_a_projects_own_model_around_our_recurrent_layer(tmp_path):
    inputs = keras.Input((None, 5), name="x")
    outputs, _ = SimpleRNN(6, bidirectional=True)(inputs)
    model = keras.Model(inputs, Dense(3)(outputs[:, -1]))
    write_onnx(onnx_graph(inference(model), 17), tmp_path / "m.onnx", {})
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    for length in (1, 9):
        x = np.random.default_rng(0).normal(size=(2, length, 5)).astype("float32")
        [logits] = session.run(["logits"], {"x": x})
        np.testing.assert_allclose(logits, np.asarray(model(x)), atol=1e-5)


def test_an_operation_without_a_word_in_onnx_is_named_with_its_layer():
    class Odd(keras.Layer):
        def call(self, x):
            return tf.math.igamma(x + 1.0, x + 1.0)

    inputs = keras.Input((5,), name="x")
    model = keras.Model(inputs, Dense(3)(Odd(name="strange")(inputs)), name="mine")
    with pytest.raises(ExportError) as error:
        onnx_graph(inference(model), 17)
    assert str(error.value) == (
        "Layer 'strange' of 'mine' uses the operation Igamma, which ONNX opset 17 has "
        "no word for. Leave it out, or write the layer with other operations."
    )


def test_a_pad_is_taken_over_only_if_it_pads_with_the_same(tmp_path):
    """Zeros before a maximum are not what the maximum pads with."""
    text = """
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[batch, 1, 4, 4] x) => (float[batch, 1, 3, 3] y)
    <int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}, float[1] zero = {0.0}> {
        padded = Pad(x, pads, zero)
        y = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(padded)
    }
    """
    model = ir.from_onnx_text(text)
    fuse(model)
    assert [node.op_type for node in model.graph] == ["Pad", "MaxPool"]
