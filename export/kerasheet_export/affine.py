"""What a convolution or a dense layer computes besides, taken into its weights."""

from collections.abc import Callable

import numpy as np
import onnx_ir as ir

from kerasheet_export.editing import only_user, replace, set_constant, swap
from kerasheet_export.folding import array


def use_gemm(graph: ir.Graph, node: ir.Node) -> None:
    """Write the product of a matrix with a constant one as Gemm, which has a bias."""
    if node.op_type != "MatMul" or node.inputs[0].shape is None:
        return
    weight = array(node.inputs[1])
    if weight is None or weight.ndim != 2 or len(node.inputs[0].shape) != 2:
        return
    gemm = ir.node("Gemm", list(node.inputs), name=node.name)
    swap(graph, node, gemm)


def absorb_affine(graph: ir.Graph, node: ir.Node) -> None:
    """Take sums, products and batch norms with constants after it into the weights."""
    if node.op_type not in ("Conv", "Gemm"):
        return
    weight = array(node.inputs[1])
    if weight is None:
        return
    axis = 0 if node.op_type == "Conv" else 1
    bias = array(node.inputs[2]) if len(node.inputs) > 2 else None
    units, rank = weight.shape[axis], weight.ndim
    scale, shift = np.ones(units), np.zeros(units) if bias is None else bias
    changed = False
    while (user := only_user(graph, node)) is not None:
        step = _affine(user, node.outputs[0], units, rank)
        if step is None:
            break
        scale, shift = scale * step[0], shift * step[0] + step[1]
        replace(user, node.outputs[0])
        changed = True
    if changed:
        along = [-1 if one == axis else 1 for one in range(rank)]
        set_constant(graph, node, 1, weight * scale.reshape(along), weight.dtype)
        set_constant(graph, node, 2, shift, weight.dtype)


def _affine(
    node: ir.Node, source: ir.Value, units: int, rank: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """(a, b), (units,), of a node that computes a x + b; None of any other."""
    if node.op_type == "BatchNormalization":
        return _batch_norm(node)
    kinds: dict[str, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
        "Add": lambda c: (np.ones(units), c),
        "Mul": lambda c: (c, np.zeros(units)),
        "Sub": lambda c: (np.ones(units), -c),
        "Div": lambda c: (1 / c, np.zeros(units)),
    }
    if node.op_type not in kinds:
        return None
    first, second = node.inputs
    if node.op_type in ("Sub", "Div") and first is not source:
        return None
    constant = array(second if first is source else first)
    per_unit = None if constant is None else _per_unit(constant, units, rank)
    return None if per_unit is None else kinds[node.op_type](per_unit)


def _per_unit(constant: np.ndarray, units: int, rank: int) -> np.ndarray | None:
    """A constant as (units,) if it is broadcast along all axes but that of the units.

    The units are on the second axis of what a convolution and a dense layer give.
    """
    shape = (1,) * (rank - constant.ndim) + constant.shape
    if len(shape) != rank or any(n != 1 for axis, n in enumerate(shape) if axis != 1):
        return None
    if shape[1] not in (1, units):
        return None
    return np.broadcast_to(constant.reshape(-1), units).astype(np.float64)


def _batch_norm(node: ir.Node) -> tuple[np.ndarray, np.ndarray] | None:
    """Of γ (x - μ) / √(σ² + ε) + β."""
    parameters = [array(value) for value in node.inputs[1:]]
    known = [one.astype(np.float64) for one in parameters if one is not None]
    if len(known) != len(parameters):
        return None
    gamma, beta, mean, variance = known
    scale = gamma / np.sqrt(variance + node.attributes.get_float("epsilon", 1e-5))
    return scale, beta - mean * scale
