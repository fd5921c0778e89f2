"""An ONNX graph without the bytes that nothing reads."""

from collections.abc import Iterator

import onnx
import onnx_ir as ir
import onnx_ir.passes.common as passes

from kerasheet_export.editing import forget_inner_shapes

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def compact(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store equal constants once, and leave out what only a person would read.

    A quantized graph has some five nodes and ten constants a layer; by their names
    alone, a small model would be larger by a fifth. The names, types and shapes of
    what comes in and goes out, and the model's own metadata, stay as they are.

    Returns:
        A model that computes the same, sorted, with short names inside.
    """
    graph = ir.serde.deserialize_model(model)
    for change in (
        passes.LiftConstantsToInitializersPass(lift_all_constants=True),
        passes.DeduplicateInitializersPass(),
        passes.RemoveUnusedNodesPass(),
        passes.RemoveUnusedOpsetsPass(),
        passes.ClearMetadataAndDocStringPass(),
        passes.TopologicalSortPass(),
    ):
        change(graph)
    forget_inner_shapes(graph.graph)
    _shorten_names(graph.graph)
    return ir.serde.serialize_model(graph)


def _shorten_names(graph: ir.Graph) -> None:
    kept = {value.name for value in (*graph.inputs, *graph.outputs)}
    names = (name for name in _numerals() if name not in kept)
    for value in _inner_values(graph):
        if value.name not in kept:
            value.name = next(names)
    for node in graph.all_nodes():
        node.name = ""


def _inner_values(graph: ir.Graph) -> Iterator[ir.Value]:
    """Every value of a graph and of those inside its nodes, each once."""
    yield from graph.inputs
    yield from list(graph.initializers.values())
    for node in graph:
        yield from node.outputs
        for attribute in node.attributes.values():
            if attribute.type == ir.AttributeType.GRAPH:
                yield from _inner_values(attribute.as_graph())


def _numerals() -> Iterator[str]:
    """`"0"`, …, `"z"`, `"10"`, …: whole numbers with 36 digits."""
    yield from DIGITS
    for first in _numerals():
        if first != "0":
            yield from (first + last for last in DIGITS)
