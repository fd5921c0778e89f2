"""What a caller says of a model, checked and in its plainest types."""

import math
from collections.abc import Mapping, Sequence

import keras
import numpy as np

from kerasheet_export.errors import ExportError
from kerasheet_export.signature import dimensions


def checked_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Names of classes, also those of a NumPy array."""
    return tuple(str(one) for one in labels)


def checked_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Figures as JSON has them.

    Raises:
        ExportError: one is no number.
    """
    numbers = {name: float(value) for name, value in metrics.items()}
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise ExportError(
                f"A metric has to be a number. Received: {name}={value}. Leave it out."
            )
    return numbers


def checked_scale(scale: float) -> float:
    """What a model takes for each of 255 steps of a pixel.

    Raises:
        ExportError: it is not above 0.
    """
    if not (math.isfinite(scale) and scale > 0):
        raise ExportError(
            "`scale` is what the model takes for each of 255 steps of a pixel: a "
            f"number above 0, such as 1 / 255. Received: {scale}."
        )
    return float(scale)


def checked_samples(model: keras.Model, samples: np.ndarray) -> np.ndarray:
    """Inputs of a model, in the type that it takes.

    Raises:
        ExportError: they have another shape, or are no numbers.
    """
    [tensor] = model.inputs
    array = np.asarray(samples).astype(tensor.dtype)
    sizes = tuple(tensor.shape[1:])
    fits = array.ndim == 1 + len(sizes) and all(
        wanted in (None, found)
        for wanted, found in zip(sizes, array.shape[1:], strict=True)
    )
    if not fits:
        shape = ", ".join(map(str, dimensions((None, *sizes))))
        raise ExportError(
            f"{model.name!r} takes samples of shape ({shape}). Received: {array.shape}."
        )
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise ExportError(
            "Some of `samples` are no numbers, and nothing can be compared on them. "
            "Leave them out."
        )
    return array


def checked_classes(
    model: keras.Model, samples: np.ndarray | None, classes: np.ndarray
) -> np.ndarray:
    """The class number of each sample, or of each of its steps.

    Raises:
        ExportError: there are no samples, or others.
    """
    if samples is None:
        raise ExportError("`classes` are those of `samples`. Pass these too.")
    array = np.asarray(classes)
    wanted = samples.shape[: len(model.outputs[0].shape) - 1]
    if array.shape != wanted:
        raise ExportError(
            f"`classes` are class numbers, one for each of the samples: of shape "
            f"{wanted}. Received: {array.shape}."
        )
    return array
