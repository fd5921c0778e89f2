"""What a smaller ONNX file costs, and whether it is worth that."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from kerasheet_export.errors import ExportError
from kerasheet_serving.onnx_graph import OnnxGraph, open_graph

LARGEST_FALL = 0.005
"""Of the accuracy: half a point."""

LARGEST_RATIO: Mapping[str, float] = {"int8": 0.3, "fp16": 0.55}
"""Bytes of the smaller file for each byte of the float32 one."""

BATCH_SIZE = 64


@dataclass(frozen=True)
class Reduction:
    """What a smaller file costs.

    Args:
        form: `"int8"` or `"fp16"`.
        accuracy: of the smaller file, the share of samples, or of tokens, whose
            likeliest class is the right one.
        float32_accuracy: likewise of the float32 file.
        size: of the smaller file, in bytes.
        float32_size: of the float32 file, in bytes.
    """

    form: str
    accuracy: float
    float32_accuracy: float
    size: int
    float32_size: int

    @property
    def ratio(self) -> float:
        """Bytes for each byte of the float32 file."""
        return self.size / self.float32_size

    def figures(self) -> dict[str, float]:
        """All but the form, for a manifest."""
        return {name: value for name, value in asdict(self).items() if name != "form"}

    def __str__(self) -> str:
        """Write the figures as in `accuracy 97.50% instead of 97.78% in 0.28× …`."""
        return (
            f"accuracy {self.accuracy:.2%} instead of {self.float32_accuracy:.2%} in "
            f"{self.ratio:.2f}× the bytes ({self.size:,} instead of "
            f"{self.float32_size:,})"
        )


def check_reduction(
    form: str, float32: Path, smaller: Path, x: np.ndarray, y: np.ndarray
) -> Reduction:
    """Compare a smaller file with the float32 one on labelled data.

    Args:
        form: `"int8"` or `"fp16"`.
        float32: an ONNX file with one input and the output `logits`.
        smaller: another with the same.
        x: (samples, ...), real inputs that the model has not learned from.
        y: (samples,), their classes, or (samples, steps), the token after each.

    Returns:
        The figures, if the smaller file is worth keeping.

    Raises:
        ExportError: it is not: more than half a point of accuracy is lost, or it has
            more than 0.3 (int8) or 0.55 (fp16) of the bytes. Or there is no data.
    """
    if len(y) == 0:
        raise ExportError(
            f"Whether {form} keeps the accuracy needs labelled samples to tell. "
            "Received: none. Export a run whose data can be had."
        )
    reduction = Reduction(
        form,
        _accuracy(open_graph(smaller, None), x, y),
        _accuracy(open_graph(float32, None), x, y),
        smaller.stat().st_size,
        float32.stat().st_size,
    )
    fall = reduction.float32_accuracy - reduction.accuracy
    if not (fall <= LARGEST_FALL and reduction.ratio <= LARGEST_RATIO[form]):
        raise ExportError(
            f"The {form} form is not worth keeping: {reduction}, where a fall of "
            f"{100 * LARGEST_FALL} points and {LARGEST_RATIO[form]}× are allowed."
        )
    return reduction


def _accuracy(graph: OnnxGraph, x: np.ndarray, y: np.ndarray) -> float:
    [spec] = graph.inputs
    right = 0
    for start in range(0, len(y), BATCH_SIZE):
        batch = slice(start, start + BATCH_SIZE)
        [logits] = graph.session.run(["logits"], {spec.name: x[batch]})
        right += int(np.sum(np.argmax(logits, axis=-1) == y[batch]))
    return right / y.size
