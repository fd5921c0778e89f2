"""One version of a model, loaded and ready to run."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument, RepositoryError
from kerasheet_serving.manifest import (
    MANIFEST_FILE,
    Manifest,
    read_manifest,
    verify_file,
)
from kerasheet_serving.onnx_graph import (
    UNNAMED,
    check_described,
    graph_manifest,
    open_graph,
)
from kerasheet_serving.specs import GraphSpec, TensorSpec

MODEL_FILE = "model.onnx"
_IDS = "ids"

# ONNX Runtime's errors have no base class of their own.
_RUNTIME_ERRORS: tuple[type[Exception], ...] = tuple(
    kind
    for kind in vars(onnxruntime_errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
)


class Session:
    """Runs an ONNX graph of a version directory on the processor.

    The graph must be the one its manifest describes: same sha256, same names, types
    and fixed sizes of inputs and outputs. A directory with a `model.onnx` and without a
    manifest is taken for what the graph says.

    Args:
        path: version directory, published, staged, or made by hand.
        threads: CPU threads for one run; None is one per core.
        graph: one of the manifest's `graphs`, such as a language model's `"step"`; None
            for `model.onnx`.

    Attributes:
        manifest: what the directory, or else the graph, says of the model.

    Raises:
        RepositoryError: the model is missing, corrupt, or not what the manifest says,
            or there is no such graph.
    """

    def __init__(
        self, path: Path | str, threads: int | None = None, graph: str | None = None
    ) -> None:
        directory = self._directory = Path(path)
        self._threads = threads
        if _is_described(directory):
            self.manifest = read_manifest(directory)
            spec = _graph_spec(directory, self.manifest, graph)
            verify_file(directory, self.manifest, spec.file)
            opened = open_graph(directory / spec.file, threads)
        else:
            opened = open_graph(directory / MODEL_FILE, threads)
            self.manifest = graph_manifest(opened)
            spec = _graph_spec(directory, self.manifest, graph)
        check_described(opened, spec)
        self._session = opened.session
        self._inputs = spec.inputs
        self._output_names = [output.name for output in spec.outputs]

    def open(self, graph: str) -> "Session":
        """Another graph of the same version.

        Raises:
            RepositoryError: as above.
        """
        return Session(self._directory, self._threads, graph)

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
        feed = {
            name: _check_input(spec, inputs[name], sizes)
            for name, spec in specs.items()
        }
        if self.manifest.vocabulary and _IDS in feed:
            _check_ids(feed[_IDS], len(self.manifest.vocabulary))
        return feed


def _is_described(directory: Path) -> bool:
    """Whether there is a manifest, or should be one since there is no model either."""
    has_manifest = os.path.lexists(directory / MANIFEST_FILE)
    return has_manifest or not (directory / MODEL_FILE).is_file()


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
        if isinstance(dimension, str) and dimension != UNNAMED:
            sizes[dimension] = size
    return array


def _check_ids(ids: Array, size: int) -> None:
    """Refuse ids that no token has; ONNX would count those below 0 from the end."""
    wrong = ids[(ids < 0) | (ids >= size)]
    if wrong.size:
        raise InvalidArgument(
            f"Input {_IDS!r} must hold ids of tokens, from 0 to {size - 1}, received "
            f"{wrong.flat[0]}."
        )


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
