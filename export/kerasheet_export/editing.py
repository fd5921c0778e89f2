"""Small changes to an ONNX graph."""

import numpy as np
import onnx_ir as ir


def only_user(graph: ir.Graph, node: ir.Node) -> ir.Node | None:
    """The one node that reads what a node gives, if there is just one."""
    [value] = node.outputs
    uses = list(value.uses())
    if len(uses) != 1 or value in graph.outputs or uses[0].node.graph is not graph:
        return None
    return uses[0].node


def only_source(node: ir.Node, op_type: str) -> ir.Node | None:
    """Of what a node reads first, the node that gives it to nobody else."""
    value = node.inputs[0]
    source = value.producer() if value is not None else None
    if source is None or source.op_type != op_type or len(list(value.uses())) != 1:
        return None
    return None if value.is_graph_output() else source


def replace(node: ir.Node, value: ir.Value) -> None:
    """Give the users of a node another value instead, and drop it."""
    [old], graph = node.outputs, node.graph
    assert graph is not None
    if old in graph.outputs:
        value.name, value.shape, value.type = old.name, old.shape, old.type
    ir.convenience.replace_all_uses_with(old, value, replace_graph_outputs=True)
    graph.remove(node, safe=True)


def swap(graph: ir.Graph, node: ir.Node, other: ir.Node) -> None:
    """Put another node in the place of one."""
    old, new = node.outputs[0], other.outputs[0]
    new.name, new.shape, new.type = old.name, old.shape, old.type
    graph.insert_before(node, other)
    replace(node, new)


def set_constant(
    graph: ir.Graph, node: ir.Node, index: int, numbers: np.ndarray, dtype: np.dtype
) -> None:
    """Give a node another constant."""
    if index == len(node.inputs):
        node.resize_inputs(index + 1)
    old, name = node.inputs[index], f"{node.outputs[0].name}/{index}"
    node.replace_input_with(index, None)
    if old is not None and not old.uses():
        graph.initializers.pop(old.name)
    tensor = ir.tensor(np.ascontiguousarray(numbers, dtype), name=name)
    value = ir.val(name, const_value=tensor)
    graph.register_initializer(value)
    node.replace_input_with(index, value)


def forget_inner_shapes(graph: ir.Graph) -> None:
    """Drop what every runtime works out again from the inputs."""
    inner = {value for node in graph.all_nodes() for value in node.outputs}
    for value in (*inner, *graph.initializers.values()):
        if not value.is_graph_output():
            value.shape = value.type = None
