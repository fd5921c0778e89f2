"""ONNX, for ONNX Runtime: as few nodes as the architecture has, named and checked."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import onnx
import onnx_ir as ir
import onnx_ir.passes.common as passes

from kerasheet_export.editing import forget_inner_shapes
from kerasheet_export.errors import ExportError
from kerasheet_export.folding import fold_constants
from kerasheet_export.fusion import fuse
from kerasheet_export.naming import name_everything
from kerasheet_export.signature import Signature
from kerasheet_export.translation import translate
from kerasheet_serving import GraphSpec, TensorSpec

OPSET = 17
"""The newest that keeps GlobalAveragePool in one piece."""

OPSETS = range(13, 19)
"""What tf2onnx writes and IR version 8 may hold."""

IR_VERSION = 8
LARGEST = 2**31 - 2**20
"""Bytes of weights that fit into one protobuf message, the graph beside them."""


def onnx_graph(signature: Signature, opset: int) -> ir.Model:
    """Translate a computation, and do once what need not be done in every run.

    Raises:
        ExportError: the model holds an operation that ONNX has no word for.
    """
    model = translate(signature, opset)
    fold_constants(model)
    fuse(model)
    return model


def write_onnx(
    model: ir.Model, path: Path, metadata: Mapping[str, str], largest: int = LARGEST
) -> None:
    """Name, check and write.

    Args:
        model: the graph.
        path: of the `.onnx` file. More than `largest` bytes of weights go into a
            `.onnx.data` file beside it.
        metadata: provenance, into the file's `metadata_props`.
        largest: in bytes.

    Raises:
        ExportError: the graph is not valid.
    """
    passes.RemoveUnusedOpsetsPass()(model)
    name_everything(model)
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version = "kerasheet", version("kerasheet")
    model.graph.name, model.graph.doc_string = "kerasheet", None
    forget_inner_shapes(model.graph)
    model.metadata_props.clear()
    model.metadata_props.update(metadata)
    weights = [value.const_value for value in model.graph.initializers.values()]
    size = sum(tensor.nbytes for tensor in weights if tensor is not None)
    data = f"{path.name}.data" if size > largest else None
    ir.save(model, path, external_data=data)
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        reason = str(error).splitlines()[0]
        raise ExportError(f"The model cannot be written as ONNX: {reason}.") from error


def add_metadata(path: Path, metadata: Mapping[str, str]) -> None:
    """Say more in the `metadata_props` of a file; its weights stay where they are."""
    model = onnx.load(path, load_external_data=False)
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, path)


def graph_spec(file: str, model: ir.Model) -> GraphSpec:
    """What ONNX Runtime will find in a file."""
    inputs, outputs = (
        tuple(
            TensorSpec(
                value.name,
                value.dtype.numpy().name,
                tuple(one if isinstance(one, int) else str(one) for one in value.shape),
            )
            for value in values
        )
        for values in (model.graph.inputs, model.graph.outputs)
    )
    return GraphSpec(file, inputs, outputs)


def check_opset(opset: int) -> None:
    """Refuse a version of ONNX's operators that cannot be written.

    Raises:
        ExportError: it is not in `OPSETS`.
    """
    if opset not in OPSETS:
        raise ExportError(
            f"ONNX can be written with opset {OPSETS.start} to {OPSETS.stop - 1}. "
            f"Received: {opset!r}."
        )
