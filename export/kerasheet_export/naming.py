"""Names in an ONNX graph that a person can read, and that do not change."""

import re
from collections.abc import Iterable, Mapping

import onnx_ir as ir

OPERANDS: Mapping[str, tuple[str, ...]] = {
    "Conv": ("", "weight", "bias"),
    "Gemm": ("", "weight", "bias"),
    "MatMul": ("left", "weight"),
    "BatchNormalization": ("", "gamma", "beta", "mean", "variance"),
    "Reshape": ("", "shape"),
    "Squeeze": ("", "axes"),
    "Gather": ("table", "indices"),
}
"""What each input of an operation is called if it is a constant."""


def name_everything(model: ir.Model) -> None:
    """Name nodes by their layers, tensors by their nodes.

    tf2onnx numbers what it makes on and on, so that two exports of one model in one
    process differ. Here the names are a function of the graph. What comes in and goes
    out of the model keeps its name.
    """
    fixed = {value.name for value in (*model.graph.inputs, *model.graph.outputs)}
    _name_graph(model.graph, _Names(name or "" for name in fixed), fixed)


class _Names:
    """Gives every name once.

    Attributes:
        constants: those that have theirs.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self.constants: set[ir.Value] = set()

    def take(self, name: str) -> str:
        number, unique = 1, name
        while unique in self._taken:
            number += 1
            unique = f"{name}.{number}"
        self._taken.add(unique)
        return unique


def _name_graph(graph: ir.Graph, names: _Names, fixed: set[str | None]) -> None:
    for value in graph.inputs:
        if value.name not in fixed:
            value.name = names.take("carried")
    for node in graph:
        node.name = names.take(_path(node))
        for index, value in enumerate(node.inputs):
            if value is not None and value.is_initializer():
                _name_constant(value, node, index, names)
        for index, value in enumerate(node.outputs):
            if value.name not in fixed:
                suffix = "" if len(node.outputs) == 1 else f":{index}"
                value.name = node.name if not suffix else names.take(node.name + suffix)
        for attribute in node.attributes.values():
            if attribute.type == ir.AttributeType.GRAPH:
                _name_graph(attribute.as_graph(), names, fixed)


def _name_constant(value: ir.Value, node: ir.Node, index: int, names: _Names) -> None:
    if value in names.constants:
        return
    names.constants.add(value)
    operands = OPERANDS.get(node.op_type, ())
    operand = operands[index] if index < len(operands) else f"operand{index}"
    value.name = names.take(f"{node.name}/{operand}")


def _path(node: ir.Node) -> str:
    """The layers that a node is in, as TensorFlow's name of it has them."""
    parts = [
        re.sub(r"__\d+.*$|:\d+$", "", part) for part in (node.name or "").split("/")
    ]
    layers = [re.sub(r"_\d+$", "", part) for part in parts[:-1]]
    return "/".join([*layers, node.op_type])
