"""How a model is exported."""

from collections.abc import Sequence
from dataclasses import dataclass

from kerasheet_export.errors import ExportError
from kerasheet_export.onnx import OPSET, check_opset
from kerasheet_export.recurrence import LOOP, check_form

SAVED_MODEL, ONNX, LITERT = "saved_model", "onnx", "litert"
FORMATS = (SAVED_MODEL, ONNX, LITERT)
INT8, FP16 = "int8", "fp16"
REDUCTIONS = (INT8, FP16)


@dataclass(frozen=True)
class Options:
    """How a model is exported; `kerasheet_export.export` says what each means.

    Raises:
        ExportError: one of them is unknown, or out of range.
    """

    formats: tuple[str, ...] = (SAVED_MODEL, ONNX)
    opset: int = OPSET
    quantize: tuple[str, ...] = ()
    rnn: str = LOOP
    uint8: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        _check_known("format", self.formats, FORMATS)
        _check_known("form in fewer bits", self.quantize, REDUCTIONS)
        check_opset(self.opset)
        check_form(self.rnn)
        if not self.formats:
            raise ExportError(
                f"An export needs a format. Name one or more of {', '.join(FORMATS)}."
            )
        if self.quantize and ONNX not in self.formats:
            raise ExportError(
                "Forms in fewer bits are made of the ONNX file. Add onnx to formats."
            )


def _check_known(kind: str, given: Sequence[str], known: Sequence[str]) -> None:
    for one in given:
        if one not in known:
            raise ExportError(
                f"There is no {kind} {one!r}. There are {', '.join(known)}."
            )
