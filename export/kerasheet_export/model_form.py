"""The form of model that can be exported."""

import re

import keras

from kerasheet_export.errors import ExportError
from kerasheet_export.signature import CLASSES, LOGITS, PROBABILITIES

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What TensorFlow lets an input of a signature be called, and ONNX too."""


def check_model(model: keras.Model) -> None:
    """Refuse a model that is not of one input and of logits.

    Raises:
        ExportError: it was never built, has several inputs or outputs, an input of
            strings or of a name that not every form can have, or no classes.
    """
    tensors = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not model.built or [len(some or ()) for some in tensors] != [1, 1]:
        raise ExportError(
            f"Exporting {model.name!r} needs a built model with one input and one "
            "output, the logits. Make it with keras.Model(inputs, outputs)."
        )
    [tensor], [logits] = model.inputs, model.outputs
    if tensor.dtype == "string":
        raise ExportError(
            f"{model.name!r} takes strings, and only models of numbers are exported. "
            "Turn strings into numbers before the model."
        )
    if not NAME.fullmatch(tensor.name) or tensor.name in (
        LOGITS,
        PROBABILITIES,
        CLASSES,
    ):
        raise ExportError(
            f"The input of {model.name!r} is named {tensor.name!r}. Begin its name "
            "with a letter or digit, go on with these, '_', '.' and '-', and do not "
            "name it as an output: keras.Input(..., name='x')."
        )
    if len(logits.shape) < 2 or logits.shape[-1] in (None, 1):
        raise ExportError(
            f"Exporting {model.name!r} needs logits of two classes or more on the last "
            f"axis, after that of the batch. Received: an output of {logits.shape}."
        )
