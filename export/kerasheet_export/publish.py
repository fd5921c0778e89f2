"""A Keras model, or a run, into a model repository."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version as release
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kerasheet.language import Vocabulary
from kerasheet.training import Run, sample_inputs
from kerasheet_export.errors import ExportError
from kerasheet_export.onnx import write_onnx
from kerasheet_export.parity import measure_parity
from kerasheet_export.precision import in_float32
from kerasheet_export.saved_model import write_saved_model
from kerasheet_export.signature import (
    SIGNATURE,
    Function,
    dimensions,
    inference_function,
)
from kerasheet_export.text_signature import GENERATE, STEP, Generator, step_function
from kerasheet_serving import (
    GraphSpec,
    Manifest,
    Repository,
    TensorSpec,
    write_manifest,
)

TOOLS = ("kerasheet", "keras", "tensorflow", "tf2onnx", "onnx")
SAMPLES = 64
FILES = {SIGNATURE: "model.onnx", STEP: "step.onnx"}


def export(
    model: keras.Model | Run,
    repository: str | Path,
    name: str | None = None,
    *,
    version: int | None = None,
    labels: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
    metrics: Mapping[str, float] | None = None,
    samples: np.ndarray | None = None,
) -> Path:
    """Publish a model as SavedModel and ONNX in one version directory.

    It is written beside its final place, proven equal to the Keras model, and then
    renamed: no reader ever sees a half of it.

    Args:
        model: a Keras model of logits, or a run, which brings its own labels or
            vocabulary, metrics and samples. One of mixed precision is published in
            float32.
        repository: its root directory; made if it is not there.
        name: of the model in the repository; None for its own.
        version: a positive int not yet taken; None for the next one.
        labels: the name of each class.
        vocabulary: of a model that `kerasheet.models.rnn_lm` gave. With it the version
            has the graph `step.onnx`, whose state goes in and out, and the SavedModel
            the signatures `step` and `generate`.
        metrics: figures worth keeping beside the model.
        samples: (samples, ...) to compare the forms on; None for noise.

    Returns:
        The version directory.

    Raises:
        ExportError: the model cannot be exported.
        ParityError: an exported form answers differently.
        RepositoryError: the repository cannot be written to, or the version is taken.

    Example:
    >>> import tempfile
    >>> from kerasheet.models import softmax_regression
    >>> with tempfile.TemporaryDirectory() as root:
    ...     path = export(softmax_regression(), root, "first")
    ...     print(path.relative_to(root).as_posix())
    first/1
    """
    if isinstance(model, Run):
        run, model = model, model.load_model()
        name = run.recipe.model if name is None else name
        labels, metrics = labels or run.labels, metrics or run.metrics
        vocabulary = vocabulary or run.vocabulary
        samples = sample_inputs(run, SAMPLES) if samples is None else samples
    model = in_float32(model)
    name = model.name if name is None else name
    tokens = () if vocabulary is None else tuple(vocabulary.tokens)
    functions = {SIGNATURE: inference_function(model)}
    if vocabulary is not None:
        functions[STEP] = step_function(model)
    _check_names(model, labels, "labels")
    _check_names(model, tokens, "tokens")
    provenance = {tool: release(tool) for tool in TOOLS}
    with Repository(repository).stage(name, version) as staging:
        _write_saved_model(model, functions, vocabulary, staging.path)
        graphs = {
            name: _write_onnx(function, staging.path / FILES[name], provenance)
            for name, function in functions.items()
        }
        main = graphs.pop(SIGNATURE)
        manifest = Manifest(
            name=name,
            version=staging.version,
            inputs=main.inputs,
            outputs=main.outputs,
            labels=tuple(labels),
            vocabulary=tokens,
            unit="characters" if vocabulary is None else vocabulary.unit,
            graphs=graphs,
            metrics=dict(metrics or {}),
            provenance=provenance,
        )
        write_manifest(staging.path, manifest)
        samples = _noise(main) if samples is None else samples
        parity = measure_parity(model, staging.path, samples)
        write_manifest(staging.path, replace(manifest, parity=parity))
        return staging.publish()


def _check_names(model: keras.Model, names: Sequence[str], kind: str) -> None:
    classes = model.output_shape[-1]
    if len(names) not in (0, classes):
        raise ExportError(
            f"Exporting {model.name!r} needs as many {kind} as classes, {classes}. "
            f"Received: {len(names)} {kind}."
        )


def _write_saved_model(
    model: keras.Model,
    functions: Mapping[str, Function],
    vocabulary: Vocabulary | None,
    directory: Path,
) -> None:
    if vocabulary is None:
        return write_saved_model(model, functions, directory)
    generator = Generator(model, vocabulary)
    functions = {**functions, GENERATE: generator.function()}
    return write_saved_model(model, functions, directory, [generator.ids])


def _write_onnx(
    function: Function, path: Path, provenance: Mapping[str, str]
) -> GraphSpec:
    write_onnx(function, path, provenance)
    outputs = function.get_concrete_function().structured_outputs
    return GraphSpec(
        path.name,
        tuple(_tensor(spec.name, spec) for spec in function.input_signature),
        tuple(_tensor(name, tensor) for name, tensor in outputs.items()),
    )


def _tensor(name: str, tensor: tf.Tensor | tf.TensorSpec) -> TensorSpec:
    return TensorSpec(name, tensor.dtype.name, dimensions(tuple(tensor.shape)))


def _noise(graph: GraphSpec) -> np.ndarray:
    [spec], classes = graph.inputs, graph.outputs[0].shape[-1]
    shape = [SAMPLES if isinstance(size, str) else size for size in spec.shape]
    rng = np.random.default_rng(0)
    if "int" in spec.dtype:  # ids of a language model
        return rng.integers(int(classes), size=shape, dtype=spec.dtype)
    return rng.random(shape).astype(spec.dtype)
