"""ONNX in int8: a quarter of the bytes, by ONNX Runtime's static quantization."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from kerasheet_export.compact import compact
from kerasheet_export.errors import ExportError
from kerasheet_export.rounding import correct_biases
from kerasheet_export.tail import after_outputs

COMPUTED = ("Conv", "Gemm", "MatMul")
"""Operations that multiply numbers of 8 bits."""

HANDED_ON = ("MaxPool", "Relu", "Clip", "Reshape", "Flatten", "Transpose", "Squeeze")
"""Operations that give numbers of 8 bits as they got them, without rounding again."""

UNREACHED = ("Loop", "Scan", "If", "RNN", "LSTM", "GRU")
"""Operations whose matrices ONNX Runtime's static quantization leaves in float32."""


def write_int8(
    source: Path, target: Path, batches: Iterable[Mapping[str, np.ndarray]]
) -> None:
    """Store weights and what flows between layers in 8 bits.

    ```
    weight of channel c:  round(w / s_c),    s_c = max |w_c| / 64,  from −64 to 64
    activation:           round(x / s) + z,  s and z from its range over the batches
    ```

    Weights leave one of the 8 bits unused: without it, a pair of products overflows
    the 16 bits in which processors without VNNI add them up. Logits, and what is
    computed from them, stay float32, and so does what is not a product: sums and
    averages would be rounded once more, and gain next to no time.

    Args:
        source: the float32 model.
        target: the file to write.
        batches: real inputs by their names, some hundred samples in all.

    Raises:
        ExportError: there is no batch, or the model is recurrent.
    """
    model = onnx.load(source)
    _refuse_recurrent(model)
    if not (batches := list(batches)):
        raise ExportError(
            "Quantizing to int8 needs real inputs to calibrate on. Received: none. "
            "Export a run whose data can be had."
        )
    quantized = _quantize(model, batches)
    _keep_outputs(quantized.graph)
    quantized = compact(quantized)
    quantized.ir_version = model.ir_version
    del quantized.metadata_props[:]
    quantized.metadata_props.extend(model.metadata_props)
    onnx.checker.check_model(quantized, full_check=True)
    onnx.save(quantized, target)


class _Reader(CalibrationDataReader):
    """Batches, as ONNX Runtime asks for them."""

    def __init__(self, batches: Sequence[Mapping[str, np.ndarray]]) -> None:
        self._batches = iter(batches)

    def get_next(self) -> Mapping[str, np.ndarray] | None:
        return next(self._batches, None)


def _quantize(
    model: onnx.ModelProto, batches: Sequence[Mapping[str, np.ndarray]]
) -> onnx.ModelProto:
    ready = onnx.ModelProto()
    ready.CopyFrom(model)
    correct_biases(ready, batches)
    add_pre_process_metadata(ready)  # else it warns: the graph is as lean as it gets
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "quantized.onnx"
        quantize_static(
            ready,
            path,
            _Reader(batches),
            op_types_to_quantize=[*COMPUTED, *HANDED_ON],
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=[node.name for node in after_outputs(ready.graph)],
        )
        return onnx.load(path)


def _refuse_recurrent(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        if node.op_type in UNREACHED:
            raise ExportError(
                "ONNX Runtime's static quantization leaves what is inside of "
                f"{node.op_type} in float32, so that int8 would save little of this "
                "model. Export it in float16."
            )


def _keep_outputs(graph: onnx.GraphProto) -> None:
    """Drop the rounding to 8 bits between an output and the node that computes it."""
    producers = {name: node for node in graph.node for name in node.output}
    for output in graph.output:
        dequantize = producers[output.name]
        if dequantize.op_type != "DequantizeLinear":
            continue
        quantize = producers[dequantize.input[0]]
        [exact, *_] = quantize.input
        graph.node.remove(dequantize)
        graph.node.remove(quantize)
        for node in graph.node:
            for names in (node.input, node.output):
                names[:] = [output.name if name == exact else name for name in names]
