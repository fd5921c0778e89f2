"""The one computation that every exported form carries."""

from typing import TypeAlias

import keras
import tensorflow as tf

from kerasheet_export.errors import ExportError

SIGNATURE = "serving_default"
BATCH, TIME = "batch", "time"
Function: TypeAlias = tf.types.experimental.PolymorphicFunction


def inference_function(model: keras.Model) -> Function:
    """Trace a model of logits in inference mode.

    The trace is made on the CPU, so that no operation of a GPU's own gets into it.

    Args:
        model: a built Keras model with one input and one output, the logits.

    Returns:
        A function of the input, by its name, to `{"logits", "probabilities"}`.

    Raises:
        ExportError: the model is of another form.
    """
    if not model.built or len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ExportError(
            f"Exporting {model.name!r} needs a built model with one input and one "
            "output, the logits. Make it with keras.Model(inputs, outputs)."
        )
    [images] = model.inputs
    spec = tf.TensorSpec(images.shape, images.dtype, name=images.name)

    @tf.function(input_signature=[spec], autograph=False)
    def serve(x: tf.Tensor) -> dict[str, tf.Tensor]:
        logits = tf.cast(model(x, training=False), tf.float32)
        return {"logits": logits, "probabilities": tf.nn.softmax(logits)}

    with tf.device("CPU"):
        serve.get_concrete_function()
    return serve


def dimensions(shape: tuple[int | None, ...]) -> tuple[int | str, ...]:
    """Name the sizes that vary: the first is the batch, the second the time.

    Example:
    >>> dimensions((None, 28, 28, 1)), dimensions((None, None, 5))
    (('batch', 28, 28, 1), ('batch', 'time', 5))
    """
    others = (f"axis{index}" for index in range(2, len(shape)))
    named = (BATCH, TIME, *others)[: len(shape)]
    return tuple(
        name if size is None else size for name, size in zip(named, shape, strict=True)
    )
