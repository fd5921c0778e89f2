"""From a traced computation to an ONNX graph, by tf2onnx."""

import re

import keras
import numpy as np
import onnx
import onnx_ir as ir
import tensorflow as tf
import tf2onnx

from kerasheet_export.errors import ExportError
from kerasheet_export.quiet import quiet
from kerasheet_export.signature import Function, Signature, dimensions


def translate(signature: Signature, opset: int) -> ir.Model:
    """An ONNX graph with the model's weights as initializers.

    tf2onnx never sees a weight: it copies constants some fifty times, and cannot take
    more than 2 GB of them. They enter as inputs, and are put in afterwards.

    Args:
        signature: what to translate.
        opset: version of ONNX's operators.

    Raises:
        ExportError: the model holds an operation that ONNX has no word for.
    """
    function, weights = signature.pure()
    specs = [*signature.inputs, *weights]
    with quiet("tf2onnx"), tf.device("CPU"):
        try:
            proto, _ = tf2onnx.convert.from_function(
                function, input_signature=specs, opset=opset
            )
        except Exception as error:  # it raises whatever it stumbles on
            raise ExportError(
                f"{signature.model.name!r} cannot be translated to ONNX: "
                f"{_first_line(error)}."
            ) from error
    _refuse_unknown(proto.graph, signature.model, opset)
    model = ir.serde.deserialize_model(proto)
    _put_constants(model.graph, _constants(function, weights, signature.weights()))
    _name_dimensions(model.graph, function, signature)
    return model


def _constants(
    function: Function, specs: list[tf.TensorSpec], weights: list[keras.Variable]
) -> dict[str, np.ndarray]:
    """What the translator took for inputs: weights, and tensors that layers hold.

    Keras' Normalization holds its mean as such a tensor, which is no weight.
    """
    held = function.get_concrete_function().graph.captures
    arrays = {
        spec.name: np.asarray(weight.numpy())
        for spec, weight in zip(specs, weights, strict=True)
    }
    return arrays | {
        inner.name: outer.numpy() for outer, inner in held if outer.dtype != tf.resource
    }


def _put_constants(graph: ir.Graph, arrays: dict[str, np.ndarray]) -> None:
    """Turn the inputs that stand for constants into initializers."""
    for value in list(graph.inputs):
        if value.name in arrays:
            graph.inputs.remove(value)
            value.const_value = ir.tensor(arrays[value.name], name=value.name)
            graph.register_initializer(value)


def _name_dimensions(graph: ir.Graph, function: Function, signature: Signature) -> None:
    """Give a size that varies the same name wherever it occurs."""
    outputs = function.get_concrete_function().structured_outputs
    shapes = {spec.name: tuple(spec.shape) for spec in signature.inputs}
    shapes |= {name: tuple(tensor.shape) for name, tensor in outputs.items()}
    for node in graph.all_nodes():
        for value in node.outputs:  # sizes of inner tensors, under names of their own
            value.shape = None
    for value in (*graph.inputs, *graph.outputs):
        value.shape = ir.Shape(dimensions(shapes[value.name]))


def _refuse_unknown(graph: onnx.GraphProto, model: keras.Model, opset: int) -> None:
    """Name the layer and the operation that ONNX has no word for."""
    for node in graph.node:
        if not onnx.defs.has(node.op_type, opset, node.domain):
            raise ExportError(
                f"Layer {_layer_of(node.name, model)!r} of {model.name!r} uses the "
                f"operation {node.op_type}, which ONNX opset {opset} has no word for. "
                "Leave it out, or write the layer with other operations."
            )
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                _refuse_unknown(attribute.g, model, opset)


def _layer_of(path: str, model: keras.Model) -> str:
    """The layer whose name stands in the path of a TensorFlow operation."""
    names = {layer.name for layer in model.layers}
    for part in path.split("/"):
        for name in (part, re.sub(r"_\d+$", "", part)):
            if name in names:
                return name
    return model.name


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"
