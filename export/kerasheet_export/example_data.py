"""`test_data_set_0`: inputs and the answers to them, as in the ONNX model zoo."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx

from kerasheet_serving import GraphSpec, Manifest

DIRECTORY = "test_data_set_0"


def write_example_data(
    directory: Path, graph: GraphSpec | Manifest, arrays: Mapping[str, np.ndarray]
) -> None:
    """Write `input_0.pb`, `output_0.pb` and so on, a TensorProto each.

    Args:
        directory: a version directory.
        graph: what has the inputs and outputs, in its order.
        arrays: by the names of inputs and outputs.
    """
    (directory / DIRECTORY).mkdir()
    for kind, specs in (("input", graph.inputs), ("output", graph.outputs)):
        for index, spec in enumerate(specs):
            tensor = onnx.numpy_helper.from_array(arrays[spec.name], spec.name)
            path = directory / DIRECTORY / f"{kind}_{index}.pb"
            path.write_bytes(tensor.SerializeToString())


def read_example_data(
    directory: Path,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The inputs and the expected outputs of a version, by name."""
    inputs, outputs = (
        {
            tensor.name: onnx.numpy_helper.to_array(tensor)
            for tensor in map(_read, sorted((directory / DIRECTORY).glob(pattern)))
        }
        for pattern in ("input_*.pb", "output_*.pb")
    )
    return inputs, outputs


def _read(path: Path) -> onnx.TensorProto:
    return onnx.TensorProto.FromString(path.read_bytes())
