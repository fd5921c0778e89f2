"""The same model in fewer bits, kept only if that is worth it."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from kerasheet_export.float16 import write_float16
from kerasheet_export.forms import MODEL_FILE
from kerasheet_export.options import INT8
from kerasheet_export.plan import Plan
from kerasheet_export.quantize import write_int8
from kerasheet_export.reduction import check_reduction
from kerasheet_serving import GraphSpec, Manifest

CALIBRATION_BATCH = 32


def write_reduction(
    plan: Plan, directory: Path, manifest: Manifest, form: str
) -> Manifest:
    """Write `model.int8.onnx` or `model.fp16.onnx`.

    Args:
        plan: with labelled samples, and for int8 with some to calibrate on.
        directory: that has the float32 file.
        manifest: of the version.
        form: one of `kerasheet_export.options.REDUCTIONS`.

    Returns:
        The manifest with the graph, and what it costs and gains.

    Raises:
        ExportError: it is not worth it, or there are no samples.
    """
    source, target = directory / MODEL_FILE, directory / f"model.{form}.onnx"
    if form == INT8:
        write_int8(source, target, _batches(plan, manifest.inputs[0].name))
    else:
        write_float16(source, target)
    x, y = plan.as_input(plan.subject.test_x), plan.subject.test_y
    figures = check_reduction(form, source, target, x, y)
    graph = GraphSpec(target.name, manifest.inputs, manifest.outputs)
    return dataclasses.replace(
        manifest,
        graphs={**manifest.graphs, form: graph},
        reductions={**manifest.reductions, form: figures.figures()},
    )


def _batches(plan: Plan, name: str) -> Iterator[Mapping[str, np.ndarray]]:
    """Samples to calibrate on."""
    x = plan.as_input(plan.subject.calibration)
    for start in range(0, len(x), CALIBRATION_BATCH):
        yield {name: x[start : start + CALIBRATION_BATCH]}
