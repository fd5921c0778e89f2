"""What a consumer is asked: an exported graph, inputs, and what Keras says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kerasheet.ops import softmax

BATCHES = 1, 3


@dataclass(frozen=True)
class Run:
    """One call of a graph.

    Attributes:
        inputs: arrays by name.
        expected: outputs by name, from Keras.
        handed_on: inputs that are outputs of the run before.
    """

    inputs: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]
    handed_on: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A graph of a published version.

    Attributes:
        name: a row of the matrix.
        version: its directory.
        runs: in this order.
        graph: its ONNX file, None where there is none.
        signature: its name in the SavedModel.
    """

    name: str
    version: Path
    runs: tuple[Run, ...]
    graph: str | None = "model.onnx"
    signature: str = "serving_default"


def keras_says(logits, **others):
    """The outputs that follow from a model's logits, and others as they are."""
    logits = np.asarray(logits)
    outputs = {"logits": logits, "probabilities": np.asarray(softmax(logits))}
    return outputs | {name: np.asarray(value) for name, value in others.items()}
