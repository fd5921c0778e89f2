"""The software that exported models are read with, a row for each."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tensorflow as tf
from subjects import ROWS, WITHOUT_ONNX
from text_subjects import NATIVE_STEPS, STEPS

ROOT = Path(__file__).parents[3]
PROGRAMS = Path(__file__).parent / "programs"
PROGRAM = "saved_model"  # compiled before it is asked
TENSORFLOW = Path(tf.__file__).parent
OLDER_TENSORFLOW = ROOT / ".consumers" / "tensorflow"
NODE = {"NODE_PATH": str(ROOT / ".consumers" / "node" / "node_modules")}
OPENVINO = ROOT / ".venv-openvino" / "bin" / "python"


@dataclass(frozen=True)
class Refusal:
    """What a consumer cannot read.

    Attributes:
        reason: for the matrix.
        error: a part of what the consumer says.
    """

    reason: str
    error: str


@dataclass(frozen=True)
class Consumer:
    """A program that answers job lists and prints its version.

    Attributes:
        name: a column of the matrix.
        command: what is run, without the job list.
        reads_onnx: reads the ONNX file; otherwise the SavedModel.
        variables: added to its environment.
        refusals: by the name of the subject; everything else it must answer.
        by_tensor: is told the names that a signature has inside the graph.
    """

    name: str
    command: tuple[str | Path, ...]
    reads_onnx: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    by_tensor: bool = False

    def __str__(self):
        return self.name


def _c_api(name, libraries):
    return Consumer(
        name,
        (f"./{PROGRAM}",),
        reads_onnx=False,
        variables={"LD_LIBRARY_PATH": str(libraries)},
        by_tensor=True,
    )


_OTHER_SIGNATURE = Refusal(
    "OpenVINO reads the default signature of a SavedModel and no other", "not found"
)

CONSUMERS = [
    Consumer("onnx reference", (sys.executable, PROGRAMS / "onnx_reference.py")),
    Consumer("ONNX Runtime", (sys.executable, PROGRAMS / "onnx_runtime.py")),
    Consumer(
        "onnxruntime-node",
        ("node", PROGRAMS / "onnx_runtime.js", "onnxruntime-node"),
        variables=NODE,
    ),
    Consumer(
        "onnxruntime-web",
        ("node", PROGRAMS / "onnx_runtime.js", "onnxruntime-web"),
        variables=NODE,
    ),
    Consumer("OpenVINO, ONNX", (OPENVINO, PROGRAMS / "openvino_runtime.py")),
    Consumer(
        "OpenVINO, SavedModel",
        (OPENVINO, PROGRAMS / "openvino_runtime.py"),
        reads_onnx=False,
        refusals=dict.fromkeys((STEPS, NATIVE_STEPS, *WITHOUT_ONNX), _OTHER_SIGNATURE),
    ),
    _c_api("TensorFlow C", TENSORFLOW),
    _c_api("older TensorFlow C", OLDER_TENSORFLOW),
    Consumer(
        "saved_model_cli",
        (sys.executable, PROGRAMS / "saved_model_cli.py"),
        reads_onnx=False,
    ),
]

_PAIRS = [(consumer, row) for consumer in CONSUMERS for row in ROWS]
UNHELD = [pair for pair in _PAIRS if pair[0].reads_onnx and pair[1] in WITHOUT_ONNX]
"""Consumers with the subjects that their format cannot hold."""

REFUSED = [(one, row) for one, row in _PAIRS if row in one.refusals]
"""Consumers with the subjects that they are known not to read."""

ANSWERED = [pair for pair in _PAIRS if pair not in (*UNHELD, *REFUSED)]
"""Consumers with the subjects that they must read."""
