"""The end of an ONNX graph: what is computed from its outputs, not for them."""

import onnx


def after_outputs(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The nodes that read nothing but outputs: the softmax of the logits, the class.

    They cost next to nothing and keep float32 when the rest of the graph loses it.

    Returns:
        The nodes, in the order of the graph.
    """
    constants = {"", *(tensor.name for tensor in graph.initializer)}
    known, last = {value.name for value in graph.output}, []
    for node in graph.node:
        reads = {*node.input} - constants
        if reads and reads <= known:
            known |= {*node.output}
            last.append(node)
    return last
