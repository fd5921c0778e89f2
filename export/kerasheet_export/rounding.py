"""What rounding weights to 8 bits shifts on average, put back into the biases."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

LARGEST = 64
"""Of a weight in steps of its channel's scale."""

CHANNEL_AXIS = {"Conv": 0, "Gemm": 1}
"""Of the weight, the axis of what the layer gives."""


def correct_biases(
    model: onnx.ModelProto, batches: Sequence[Mapping[str, np.ndarray]]
) -> None:
    """Make every layer right on average before its weights are rounded.

    ```
    b_c + Σ_i E[x_i] (w_ic − s_c round(w_ic / s_c)),    s_c = max |w_c| / 64
    ```

    E[x_i] is the mean of input channel i over the batches, and over all pixels. What a
    sigmoid gives has a mean far from zero: there most of the error goes.

    Args:
        model: a float32 model; its biases are changed.
        batches: real inputs by their names.
    """
    constants = {
        one.name: numpy_helper.to_array(one) for one in model.graph.initializer
    }
    layers = [node for node in model.graph.node if _is_layer(node, constants)]
    means = _mean_inputs(model, layers, batches)
    for node, mean in zip(layers, means, strict=True):
        axis, weight = CHANNEL_AXIS[node.op_type], constants[node.input[1]]
        shift = np.moveaxis(_rounding_error(weight, axis), axis, -1)
        while shift.ndim > 2:  # the pixels of a kernel see the same mean
            shift = shift.sum(axis=1)
        bias = constants[node.input[2]] if len(node.input) > 2 else 0.0
        corrected = (bias + mean @ shift).astype(weight.dtype)
        name = f"{node.output[0]}/corrected"  # equal biases may be stored as one
        model.graph.initializer.append(numpy_helper.from_array(corrected, name))
        node.input[2:] = [name]
    used = {name for node in model.graph.node for name in node.input}
    for constant in [one for one in model.graph.initializer if one.name not in used]:
        model.graph.initializer.remove(constant)


def _is_layer(node: onnx.NodeProto, constants: Mapping[str, np.ndarray]) -> bool:
    """Whether a node is a plain x w + b or a convolution of all channels."""
    if node.op_type not in CHANNEL_AXIS or not {*node.input[1:]} <= {*constants}:
        return False
    changed = {
        entry.name
        for entry in node.attribute
        if (entry.name, entry.i) not in {("group", 1), ("transA", 0), ("transB", 0)}
        and (entry.name, entry.f) not in {("alpha", 1.0), ("beta", 1.0)}
    }
    return not changed & {"group", "transA", "transB", "alpha", "beta"}


def _rounding_error(weight: np.ndarray, axis: int) -> np.ndarray:
    others = tuple(one for one in range(weight.ndim) if one != axis)
    scale = np.abs(weight).max(axis=others, keepdims=True) / LARGEST
    scale = np.where(scale == 0, 1, scale)
    return weight - scale * np.round(weight / scale)


def _mean_inputs(
    model: onnx.ModelProto,
    layers: Sequence[onnx.NodeProto],
    batches: Sequence[Mapping[str, np.ndarray]],
) -> list[np.ndarray]:
    """For each layer, (channels,), the mean of what it reads over all samples."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    del probe.graph.output[:]
    for index, layer in enumerate(layers):
        name, kind = f"mean/{index}", "Identity"
        if layer.op_type == "Conv":
            kind = "GlobalAveragePool"
        node = onnx.helper.make_node(kind, [layer.input[0]], [name])
        probe.graph.node.append(node)
        probe.graph.output.append(onnx.ValueInfoProto(name=name))
    session = onnxruntime.InferenceSession(probe.SerializeToString())
    answers = [session.run(None, dict(batch)) for batch in batches] if layers else []
    return [
        np.concatenate(rows).mean(axis=(0, *range(2, rows[0].ndim)))
        for rows in zip(*answers, strict=True)
    ]
