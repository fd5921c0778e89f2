"""Arithmetic of constants, done once instead of in every run."""

import numpy as np
import onnx_ir as ir
import onnx_ir.passes.common as passes
from onnx.reference import ReferenceEvaluator


def fold_constants(model: ir.Model) -> None:
    """Replace every node whose inputs are all constants by what it computes.

    The sizes of weights decide nothing: what comes out is as large as what went in.
    """
    passes.LiftConstantsToInitializersPass(lift_all_constants=True)(model)
    for node in list(model.graph.all_nodes()):
        if node.inputs and all(_is_constant(value) for value in node.inputs):
            _fold(model, node)


def array(value: ir.Value | None) -> np.ndarray | None:
    """The numbers of a constant; None of anything else."""
    if value is None or value.const_value is None:
        return None
    return value.const_value.numpy()


def _is_constant(value: ir.Value | None) -> bool:
    return value is None or value.const_value is not None


def _fold(model: ir.Model, node: ir.Node) -> None:
    """Compute a node by ONNX's own reference implementation."""
    evaluator = ReferenceEvaluator(
        ir.serde.serialize_node(node), opsets=dict(model.opset_imports)
    )
    feed = {one.name: array(one) for one in node.inputs if one is not None}
    for value, result in zip(node.outputs, evaluator.run(None, feed), strict=True):
        constant = ir.val(value.name, const_value=ir.tensor(np.asarray(result)))
        constant.const_value.name = value.name
        ir.convenience.replace_all_uses_with(value, constant)
        model.graph.register_initializer(constant)
    assert node.graph is not None
    node.graph.remove(node, safe=True)
