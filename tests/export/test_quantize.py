"""int8: every matrix, none of the answers, nothing without real inputs."""

import numpy as np
import onnx
import onnxruntime
import pytest
from serving_process import left_at_home
from smaller_files import answers, batches

from kerasheet.data import digits
from kerasheet_export import ExportError
from kerasheet_export.quantize import write_int8
from kerasheet_export.rounding import correct_biases


def test_every_matrix_is_stored_in_8_bits_each_channel_with_its_own_scale(smaller):
    graph = onnx.load(smaller["int8"]).graph
    arrays = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    matrices = [array for array in arrays.values() if array.ndim > 1]
    assert len(matrices) == 5  # two convolutions and three dense layers
    assert {array.dtype for array in matrices} == {np.dtype("int8")}
    assert all(np.abs(array).max() == 64 for array in matrices)  # 7 bits and a sign
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in arrays:
            weight, scale = arrays[node.input[0]], arrays[node.input[1]]
            if weight.ndim > 1:
                [axis] = [entry.i for entry in node.attribute if entry.name == "axis"]
                assert scale.shape == (weight.shape[axis],)


def test_logits_are_not_rounded_to_8_bits(smaller):
    logits, probabilities = answers(smaller["int8"], digits().test.x)
    assert len(np.unique(logits)) > 1000
    expected = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_biases_take_back_what_rounding_shifts(float32):
    """Against the mean of the layer itself, with its weights rounded and without."""
    model = onnx.load(float32)
    stored = {one.name: one for one in model.graph.initializer}
    layer = next(node for node in model.graph.node if node.op_type == "Gemm")
    [weight, bias] = [onnx.numpy_helper.to_array(stored[n]) for n in layer.input[1:]]
    probe = onnx.load(float32)
    probe.graph.output.append(onnx.ValueInfoProto(name=layer.input[0]))
    session = onnxruntime.InferenceSession(probe.SerializeToString())
    feeds = batches(2)
    x = np.concatenate([session.run([layer.input[0]], feed)[0] for feed in feeds])
    correct_biases(model, feeds)
    stored = {one.name: one for one in model.graph.initializer}
    [layer] = [node for node in model.graph.node if node.output == layer.output]
    scale = np.abs(weight).max(axis=0) / 64
    rounded = scale * np.round(weight / scale)
    exact, shifted = x @ weight + bias, x @ rounded + bias
    corrected = x @ rounded + onnx.numpy_helper.to_array(stored[layer.input[2]])
    np.testing.assert_allclose(corrected.mean(0), exact.mean(0), atol=1e-4)
    assert np.abs(shifted.mean(0) - exact.mean(0)).max() > 1e-3


def test_quantizing_needs_real_inputs(float32, tmp_path):
    with pytest.raises(ExportError) as error:
        write_int8(float32, tmp_path / "model.int8.onnx", [])
    assert str(error.value) == (
        "Quantizing to int8 needs real inputs to calibrate on. Received: none. "
        "Export a run whose data can be had."
    )
    assert not list(tmp_path.iterdir())


def test_a_recurrent_model_is_not_quantized(tmp_path):
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        recurrent (float[t, b, 2] x, float[1, 3, 2] w, float[1, 3, 3] r)
            => (float[t, d, b, 3] logits) { logits = RNN <hidden_size = 3> (x, w, r) }
    """)
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(ExportError) as error:
        write_int8(tmp_path / "model.onnx", tmp_path / "model.int8.onnx", [{}])
    assert str(error.value) == (
        "ONNX Runtime's static quantization leaves what is inside of RNN in float32, "
        "so that int8 would save little of this model. Export it in float16."
    )


def test_onnx_runtime_tells_nobody_of_the_models(tmp_path):
    assert left_at_home(tmp_path, "import kerasheet_export.rounding") == []
