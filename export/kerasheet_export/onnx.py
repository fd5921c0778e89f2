"""ONNX, for ONNX Runtime: named tensors and dimensions, checked."""

from collections.abc import Mapping
from pathlib import Path

import onnx
import tf2onnx

from kerasheet_export.errors import ExportError
from kerasheet_export.signature import Function, dimensions

OPSET = 17
"""The newest that keeps GlobalAveragePool in one piece (tf2onnx stops at 18)."""

IR_VERSION = 8


def write_onnx(
    function: Function,
    path: Path,
    metadata: Mapping[str, str],
) -> None:
    """Translate, name, check and write.

    Args:
        function: what `inference_function` gave.
        path: of the `.onnx` file.
        metadata: provenance, into the file's `metadata_props`.

    Raises:
        ExportError: the model holds an operation that ONNX has no word for.
    """
    model, _ = tf2onnx.convert.from_function(
        function, input_signature=function.input_signature, opset=OPSET
    )
    model.ir_version = IR_VERSION
    _name_dimensions(model, function)
    onnx.helper.set_model_props(model, dict(metadata))
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.checker.ValidationError as error:
        reason = str(error).splitlines()[0]
        raise ExportError(f"The model cannot be written as ONNX: {reason}.") from error
    onnx.save(model, path)


def _name_dimensions(model: onnx.ModelProto, function: Function) -> None:
    """Give a size that varies the same name wherever it occurs."""
    concrete = function.get_concrete_function()
    shapes = {spec.name: spec.shape for spec in function.input_signature}
    shapes |= {name: out.shape for name, out in concrete.structured_outputs.items()}
    for value in (*model.graph.input, *model.graph.output):
        sizes = dimensions(tuple(shapes[value.name]))
        for size, entry in zip(sizes, value.type.tensor_type.shape.dim, strict=True):
            if isinstance(size, str):
                entry.dim_param = size
    del model.graph.value_info[:]  # sizes of inner tensors, under names of their own
