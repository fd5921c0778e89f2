"""SavedModel, for TensorFlow Serving: every weight stored once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from kerasheet_export.errors import ExportError
from kerasheet_export.image_signature import CLASSIFY
from kerasheet_export.quiet import quiet
from kerasheet_export.signature import SERVE, Function, dimensions
from kerasheet_serving import SignatureSpec, TensorSpec

METHODS = {CLASSIFY: "tensorflow/serving/classify"}
"""What TensorFlow Serving wants to read at a signature that is not for Predict."""


def write_saved_model(
    model: keras.Model,
    functions: Mapping[str, Function],
    directory: Path,
    resources: Sequence[tf.lookup.StaticHashTable] = (),
) -> None:
    """Write `saved_model.pb` and `variables/`.

    A bare `tf.Module` holds the weights: Keras' own exporter tracks the model as well
    and stores each of them twice.

    Args:
        model: the model that the functions compute.
        functions: each by the name of its signature.
        directory: an existing directory.
        resources: tables that the functions use.

    Raises:
        ExportError: the disk is full or the like, or the model holds a table.
    """
    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]
    module.resources = list(resources)
    signatures = {
        name: function.get_concrete_function() for name, function in functions.items()
    }
    try:
        with quiet("tensorflow"):  # it logs where it has written
            tf.saved_model.save(module, str(directory), signatures)
        _name_methods(directory / "saved_model.pb")
    except AssertionError as error:  # of TensorFlow: nothing tracks a resource
        raise ExportError(
            f"{model.name!r} computes with a table or a variable that is no weight of "
            "its layers, which a SavedModel cannot store. Do that layer's work before "
            "the model."
        ) from error
    except (tf.errors.OpError, OSError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        raise ExportError(f"The SavedModel cannot be written: {reason}.") from error


class SavedModel:
    """A SavedModel, loaded without Keras.

    Args:
        directory: a version directory.

    Attributes:
        signatures: the tensors of each, by name.
    """

    def __init__(self, directory: Path) -> None:
        # Kept alive: the functions hold their variables only weakly.
        self._loaded = tf.saved_model.load(str(directory))
        self._functions = dict(self._loaded.signatures)
        self.signatures = {
            name: describe(
                function.structured_input_signature[1],
                function.structured_outputs,
            )
            for name, function in self._functions.items()
        }

    def run(self, inputs: Mapping[str, Any], name: str = SERVE) -> dict[str, Any]:
        """Every output of a signature, as arrays."""
        tensors = {key: tf.constant(value) for key, value in inputs.items()}
        answers = self._functions[name](**tensors)
        return {key: value.numpy() for key, value in answers.items()}


def describe(
    inputs: Mapping[str, tf.TensorSpec], outputs: Mapping[str, Any]
) -> SignatureSpec:
    """The tensors of a signature, sorted by name, as the manifest has them."""
    return SignatureSpec(
        *(
            tuple(_spec(name, tensors[name]) for name in sorted(tensors))
            for tensors in (inputs, outputs)
        )
    )


def _spec(name: str, tensor: Any) -> TensorSpec:
    dtype = "str" if tensor.dtype == tf.string else tensor.dtype.name
    return TensorSpec(name, dtype, dimensions(tuple(tensor.shape)))


def _name_methods(path: Path) -> None:
    """Say of a signature what it is for; TensorFlow calls all of them Predict."""
    document = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    for graph in document.meta_graphs:
        for name, method in METHODS.items():
            if name in graph.signature_def:
                graph.signature_def[name].method_name = method
    path.write_bytes(document.SerializeToString(deterministic=True))
