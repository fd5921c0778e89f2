"""SavedModel, for TensorFlow Serving: every weight stored once."""

from pathlib import Path

import keras
import tensorflow as tf

from kerasheet_export.errors import ExportError
from kerasheet_export.signature import SIGNATURE


def write_saved_model(
    model: keras.Model,
    function: tf.types.experimental.PolymorphicFunction,
    directory: Path,
) -> None:
    """Write `saved_model.pb` and `variables/`.

    A bare `tf.Module` holds the weights: Keras' own exporter tracks the model as well
    and stores each of them twice.

    Args:
        model: the model that `function` computes.
        function: what `inference_function` gave.
        directory: an existing directory.

    Raises:
        ExportError: the disk is full, or the like.
    """
    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]
    signatures = {SIGNATURE: function.get_concrete_function()}
    try:
        tf.saved_model.save(module, str(directory), signatures)
    except tf.errors.OpError as error:
        reason = error.message.splitlines()[0]
        raise ExportError(f"The SavedModel cannot be written: {reason}.") from error


def load_saved_model(directory: Path) -> tf.types.experimental.ConcreteFunction:
    """The serving signature of a SavedModel, loaded without Keras."""
    return tf.saved_model.load(str(directory)).signatures[SIGNATURE]
