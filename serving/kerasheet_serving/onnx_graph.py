"""A model file opened by ONNX Runtime, and the tensors that its graph declares."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime

from kerasheet_serving.dtypes import ONNX_NAMES
from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.manifest import MANIFEST_FILE, Manifest
from kerasheet_serving.publishing.numbering import is_number
from kerasheet_serving.specs import GraphSpec, TensorSpec

_DTYPES = {f"tensor({onnx})": dtype for dtype, onnx in ONNX_NAMES.items()}

UNNAMED = "?"
"""Stands for a size that varies and has no name; two of them have nothing in common."""


@dataclass(frozen=True)
class OnnxGraph:
    """A model that ONNX Runtime can run.

    Args:
        path: of its file.
        session: what runs it.
        inputs: tensors it takes. A type that NumPy lacks keeps ONNX Runtime's name.
        outputs: tensors it gives.
    """

    path: Path
    session: Any
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


def open_graph(path: Path, threads: int | None) -> OnnxGraph:
    """Load a model for the processor.

    Args:
        path: of its file.
        threads: CPU threads for one run; None is one per core.

    Raises:
        RepositoryError: ONNX Runtime cannot load it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    # Spinning threads answer sooner by burning the cores other requests need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # every failure is raised, and told once
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
        inputs, outputs = _specs(session.get_inputs()), _specs(session.get_outputs())
    except Exception as error:  # its errors have no base, and its text may not decode
        raise RepositoryError(
            f"{path} is not a model that ONNX Runtime "
            f"{onnxruntime.__version__} can load: {error}"
        ) from error
    return OnnxGraph(path, session, inputs, outputs)


def graph_manifest(graph: OnnxGraph) -> Manifest:
    """What a graph from anywhere says of itself, and its directory of its version."""
    directory = graph.path.resolve().parent
    version = int(directory.name) if is_number(directory.name) else 1
    return Manifest(directory.parent.name, version, graph.inputs, graph.outputs)


def check_described(graph: OnnxGraph, spec: GraphSpec) -> None:
    """Check that a manifest describes a graph: same names, types and fixed sizes.

    A size that varies may have any name in either. The order of tensors is free.

    Raises:
        RepositoryError: they disagree, or the graph has a type that is not served.
    """
    for kind, found, expected in (
        ("inputs", graph.inputs, spec.inputs),
        ("outputs", graph.outputs, spec.outputs),
    ):
        if any(spec.dtype not in ONNX_NAMES for spec in found):
            raise RepositoryError(
                f"{graph.path} has {kind} {_shown(found)}, of a type that is not "
                f"served. Make them one of {', '.join(ONNX_NAMES)}."
            )
        if Counter(map(_promise, found)) != Counter(map(_promise, expected)):
            raise RepositoryError(
                f"{graph.path} has {kind} {_shown(found)}, its {MANIFEST_FILE} says "
                f"{_shown(expected)}. Publish the model again with `kerasheet export`."
            )


def _specs(nodes: Iterable[Any]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            node.name,
            _DTYPES.get(node.type, node.type),
            tuple(UNNAMED if size is None else size for size in node.shape),
        )
        for node in nodes
    )


def _promise(spec: TensorSpec) -> Hashable:
    """What must agree: a name in place of a size says only that it varies."""
    sizes = tuple(size if isinstance(size, int) else None for size in spec.shape)
    return spec.name, spec.dtype, sizes


def _shown(specs: Iterable[TensorSpec]) -> str:
    return ", ".join(map(str, specs)) or "none"
