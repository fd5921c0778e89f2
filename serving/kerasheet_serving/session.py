"""One version of a model, loaded and ready to run."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument, RepositoryError
from kerasheet_serving.manifest import (
    GraphSpec,
    Manifest,
    TensorSpec,
    read_manifest,
    verify_file,
)
from kerasheet_serving.onnx_graph import check_described, open_graph

MODEL_FILE = "model.onnx"

# ONNX Runtime's errors have no base class of their own.
_RUNTIME_ERRORS: tuple[type[Exception], ...] = tuple(
    kind
    for kind in vars(onnxruntime_errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
)


class Session:
    """Runs an ONNX graph of a version directory on the processor.

    The graph must be the one its manifest describes: same sha256, same names, types
    and fixed sizes of inputs and outputs.

    Args:
        path: version directory, published or staged.
        threads: CPU threads for one run; None is one per core.
        graph: one of the manifest's `graphs`, such as a language model's `"step"`; None
            for `model.onnx`.

    Attributes:
        manifest: what the directory says of the model.

    Raises:
        RepositoryError: the manifest or model is missing, corrupt, or they disagree,
            or there is no such graph.
    """

    def __init__(
        self, path: Path | str, threads: int | None = None, graph: str | None = None
    ) -> None:
        directory = Path(path)
        self.manifest = read_manifest(directory)
        spec = _graph_spec(directory, self.manifest, graph)
        verify_file(directory, self.manifest, spec.file)
        opened = open_graph(directory / spec.file, threads)
        check_described(opened, spec)
        self._session = opened.session
        self._inputs = spec.inputs
        self._output_names = [output.name for output in spec.outputs]

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Compute every output.

        Args:
            inputs: an array for every input of the graph. Strings are arrays of
                `str` or of `bytes` holding UTF-8.

        Returns:
            An array for every output of the graph, in the manifest's order.

        Raises:
            InvalidArgument: an input is missing, unknown, not an array, of another
                type or shape, or holds what the model cannot compute with.
        """
        feed = self._feed(inputs)
        try:
            values = self._session.run(self._output_names, feed)
        except _RUNTIME_ERRORS as error:
            raise InvalidArgument(
                f"Model {self.manifest.name!r} cannot compute these inputs: {error}"
            ) from error
        return dict(zip(self._output_names, values, strict=True))

    def _feed(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        specs = {spec.name: spec for spec in self._inputs}
        if inputs.keys() != specs.keys():
            raise InvalidArgument(
                f"Model {self.manifest.name!r} takes inputs {sorted(specs)}, "
                f"received {sorted(inputs)}."
            )
        sizes: dict[str, int] = {}
        return {
            name: _check_input(spec, inputs[name], sizes)
            for name, spec in specs.items()
        }


def _graph_spec(directory: Path, manifest: Manifest, name: str | None) -> GraphSpec:
    if name is None:
        return GraphSpec(MODEL_FILE, manifest.inputs, manifest.outputs)
    if name not in manifest.graphs:
        has = ", ".join(map(repr, manifest.graphs)) or "none but model.onnx"
        raise RepositoryError(f"{directory} has no graph {name!r}. It has: {has}.")
    return manifest.graphs[name]


def _check_input(spec: TensorSpec, array: Array, sizes: dict[str, int]) -> Array:
    """Refuse an array the model does not take; `sizes` binds named dimensions."""
    if not isinstance(array, np.ndarray | np.generic):
        raise InvalidArgument(
            f"Input {spec.name!r} must be a NumPy array, "
            f"received {type(array).__name__}. Make it one with numpy.asarray."
        )
    if spec.dtype == "str":
        array = _as_text(spec, array)
    elif array.dtype.name != spec.dtype:
        raise InvalidArgument(
            f"Input {spec.name!r} must have type {spec.dtype}, "
            f"received {array.dtype.name}."
        )
    expected = [sizes.get(d, d) if isinstance(d, str) else d for d in spec.shape]
    agree = len(expected) == array.ndim and all(
        isinstance(size, str) or size == received
        for size, received in zip(expected, array.shape, strict=True)
    )
    if not agree:
        raise InvalidArgument(
            f"Input {spec.name!r} must have shape [{', '.join(map(str, expected))}], "
            f"received {list(array.shape)}."
        )
    for dimension, size in zip(spec.shape, array.shape, strict=True):
        if isinstance(dimension, str):
            sizes[dimension] = size
    return array


def _as_text(spec: TensorSpec, array: Array) -> Array:
    """Decode bytes: given any, ONNX Runtime would take Python's `b'...'` for text."""
    if array.dtype.kind not in "OSU":
        raise InvalidArgument(
            f"Input {spec.name!r} must hold strings, received {array.dtype.name}."
        )
    try:
        texts = [v.decode() if isinstance(v, bytes) else str(v) for v in array.flat]
    except UnicodeDecodeError as error:
        raise InvalidArgument(
            f"Input {spec.name!r} must hold UTF-8 text, the only strings that ONNX "
            f"Runtime knows: {error}."
        ) from error
    return np.array(texts, dtype=object).reshape(array.shape)
