"""As few nodes as the architecture has."""

import numpy as np
import onnx_ir as ir
import onnx_ir.passes.common as passes

from kerasheet_export.affine import absorb_affine, use_gemm
from kerasheet_export.editing import only_source, replace, set_constant
from kerasheet_export.folding import array

PAD_VALUES = {"Conv": 0.0, "MaxPool": -np.inf}
"""What each operation fills its own padding with."""


def fuse(model: ir.Model) -> None:
    """Leave as few nodes as the architecture has.

    Batch norm, biases and scales go into the weights before them; a flattened image is
    read in the order that it has; padding is done by who needs it; what changes nothing
    goes.
    """
    graph = model.graph
    passes.ShapeInferencePass()(model)
    for rewrite in (_drop_reshape, _take_padding, use_gemm, absorb_affine, _flatten):
        for node in list(graph):
            if node.graph is graph:  # not gone in the meantime
                rewrite(graph, node)
    passes.IdentityEliminationPass()(model)
    passes.RemoveUnusedNodesPass()(model)


def _drop_reshape(graph: ir.Graph, node: ir.Node) -> None:
    """Drop a Reshape to the shape that is there already."""
    if node.op_type != "Reshape" or node.inputs[0].shape is None:
        return
    wanted, found = array(node.inputs[1]), list(node.inputs[0].shape)
    if wanted is None or len(wanted) != len(found) or list(wanted[1:]) != found[1:]:
        return
    if wanted[0] in (-1, 0) and node.outputs[0] not in graph.outputs:
        replace(node, node.inputs[0])


def _take_padding(graph: ir.Graph, node: ir.Node) -> None:
    """Let a convolution or a pooling do the padding before it."""
    if node.op_type not in PAD_VALUES:
        return
    pad = only_source(node, "Pad")
    if pad is None or pad.attributes.get_string("mode", "constant") != "constant":
        return
    value = array(pad.inputs[2]) if len(pad.inputs) > 2 else np.zeros(())
    sizes = array(pad.inputs[1])
    if sizes is None or value is None or value.item() != PAD_VALUES[node.op_type]:
        return
    rank = len(sizes) // 2
    begin, end = sizes[:rank], sizes[rank:]
    own = np.array(node.attributes.get_ints("pads", [0] * (2 * (rank - 2))))
    if np.any(begin[:2]) or np.any(end[:2]) or "auto_pad" in node.attributes:
        return
    pads = own + np.concatenate([begin[2:], end[2:]])
    node.attributes["pads"] = ir.AttrInt64s("pads", pads.tolist())
    node.replace_input_with(0, pad.inputs[0])


def _flatten(graph: ir.Graph, node: ir.Node) -> None:
    """Reorder the rows of a dense layer instead of the image that it reads."""
    if node.op_type != "Gemm" or (reshape := only_source(node, "Reshape")) is None:
        return
    transpose = only_source(reshape, "Transpose")
    weight = array(node.inputs[1])
    if transpose is None or weight is None:
        return
    shape = transpose.inputs[0].shape
    order = transpose.attributes.get_ints("perm", [])
    if list(order) != [0, 2, 3, 1] or shape is None:
        return
    channels, *pixels = shape[1:]
    if not all(isinstance(size, int) for size in (channels, *pixels)):
        return
    if len(weight) != np.prod([channels, *pixels]):  # it reads pixel by pixel
        return
    rows = weight.reshape(*pixels, channels, -1).transpose(2, 0, 1, 3)
    set_constant(graph, node, 1, rows.reshape(weight.shape), weight.dtype)
    reshape.replace_input_with(0, transpose.inputs[0])
