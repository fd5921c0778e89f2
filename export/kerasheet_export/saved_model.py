"""SavedModel, for TensorFlow Serving: every weight stored once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from kerasheet_export.errors import ExportError
from kerasheet_export.signature import SIGNATURE, Function


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
        ExportError: the disk is full, or the like.
    """
    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]
    module.resources = list(resources)
    signatures = {
        name: function.get_concrete_function() for name, function in functions.items()
    }
    try:
        tf.saved_model.save(module, str(directory), signatures)
    except tf.errors.OpError as error:
        reason = error.message.splitlines()[0]
        raise ExportError(f"The SavedModel cannot be written: {reason}.") from error


def load_saved_model(
    directory: Path, signature: str = SIGNATURE
) -> tf.types.experimental.ConcreteFunction:
    """A signature of a SavedModel, loaded without Keras."""
    return tf.saved_model.load(str(directory)).signatures[signature]
