"""A Keras model, or a run, into a model repository."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version as release
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kerasheet.training import Run, sample_images
from kerasheet_export.errors import ExportError
from kerasheet_export.onnx import write_onnx
from kerasheet_export.parity import measure_parity
from kerasheet_export.saved_model import write_saved_model
from kerasheet_export.signature import dimensions, inference_function
from kerasheet_serving import Manifest, Repository, TensorSpec, write_manifest

TOOLS = ("kerasheet", "keras", "tensorflow", "tf2onnx", "onnx")
SAMPLES = 64


def export(
    model: keras.Model | Run,
    repository: str | Path,
    name: str | None = None,
    *,
    version: int | None = None,
    labels: Sequence[str] = (),
    metrics: Mapping[str, float] | None = None,
    samples: np.ndarray | None = None,
) -> Path:
    """Publish a model as SavedModel and ONNX in one version directory.

    It is written beside its final place, proven equal to the Keras model, and then
    renamed: no reader ever sees a half of it.

    Args:
        model: a Keras model of logits, or a run, which brings its own labels, metrics
            and samples.
        repository: its root directory; made if it is not there.
        name: of the model in the repository; None for its own.
        version: a positive int not yet taken; None for the next one.
        labels: the name of each class.
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
        samples = sample_images(run, SAMPLES) if samples is None else samples
    name = model.name if name is None else name
    function = inference_function(model)
    classes = model.output_shape[-1]
    if len(labels) not in (0, classes):
        raise ExportError(
            f"Exporting {model.name!r} needs as many labels as classes, {classes}. "
            f"Received: {len(labels)} labels."
        )
    provenance = {tool: release(tool) for tool in TOOLS}
    with Repository(repository).stage(name, version) as staging:
        write_saved_model(model, function, staging.path)
        write_onnx(function, staging.path / "model.onnx", provenance)
        inputs, outputs = _signature(function)
        manifest = Manifest(
            name=name,
            version=staging.version,
            inputs=inputs,
            outputs=outputs,
            labels=tuple(labels),
            metrics=dict(metrics or {}),
            provenance=provenance,
        )
        write_manifest(staging.path, manifest)
        samples = _noise(inputs[0]) if samples is None else samples
        parity = measure_parity(model, staging.path, samples)
        write_manifest(staging.path, replace(manifest, parity=parity))
        return staging.publish()


def _signature(
    function: tf.types.experimental.PolymorphicFunction,
) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    outputs = function.get_concrete_function().structured_outputs
    return (
        tuple(_tensor(spec.name, spec) for spec in function.input_signature),
        tuple(_tensor(name, tensor) for name, tensor in outputs.items()),
    )


def _tensor(name: str, tensor: tf.Tensor | tf.TensorSpec) -> TensorSpec:
    return TensorSpec(name, tensor.dtype.name, dimensions(tuple(tensor.shape)))


def _noise(spec: TensorSpec) -> np.ndarray:
    shape = [SAMPLES if isinstance(size, str) else size for size in spec.shape]
    return np.random.default_rng(0).random(shape).astype(spec.dtype)
