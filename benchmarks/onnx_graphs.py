"""What an export holds, beside what Keras' own exporter writes of the same model.

    python benchmarks/onnx_graphs.py            # four minutes
    python benchmarks/onnx_graphs.py --short    # that it runs; half a minute

Nodes of the ONNX graph, with those in loops; bytes of the ONNX file and of the
SavedModel's variables, over 4 bytes a parameter. Keras' SavedModel stores each weight
twice. "invalid" is a file that onnx.checker or ONNX Runtime refuses. Image models are
of the sizes that the tests use.
"""

import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
sys.path.append(str(Path(__file__).parents[1] / "tests" / "library"))

import keras
import onnx
import onnxruntime
from model_cases import CASES

from kerasheet.models import rnn_lm
from kerasheet_export import export


def count_nodes(graph: onnx.GraphProto) -> int:
    """Nodes of a graph and of those inside them."""
    inside = (
        attribute.g
        for node in graph.node
        for attribute in node.attribute
        if attribute.type == onnx.AttributeProto.GRAPH
    )
    return len(graph.node) + sum(map(count_nodes, inside))


def by_keras(model: keras.Model, place: Path) -> tuple[str, str, float]:
    """Nodes, bytes of variables and seconds of Keras' exporter."""
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            model.export(place / "keras.onnx", format="onnx", verbose=False)
            onnx.checker.check_model(place / "keras.onnx", full_check=True)
            onnxruntime.InferenceSession(place / "keras.onnx")
            nodes = str(count_nodes(onnx.load(place / "keras.onnx").graph))
        except Exception as error:  # whatever it is, nobody can use the file
            nodes = f"invalid ({type(error).__name__})"
        model.export(place / "keras", format="tf_saved_model", verbose=False)
    seconds = time.perf_counter() - started
    return nodes, _stored(place / "keras", model), seconds


def by_us(model: keras.Model, place: Path) -> tuple[str, str, str, float]:
    """Nodes, bytes of file and variables, and seconds, comparing included."""
    started = time.perf_counter()
    version = export(model, place, "ours")
    seconds = time.perf_counter() - started
    path = version / "model.onnx"
    nodes = str(count_nodes(onnx.load(path).graph))
    return nodes, _ratio(path.stat().st_size, model), _stored(version, model), seconds


def _stored(directory: Path, model: keras.Model) -> str:
    files = (directory / "variables").iterdir()
    return _ratio(sum(file.stat().st_size for file in files), model)


def _ratio(size: int, model: keras.Model) -> str:
    return f"{size / (4 * model.count_params()):.2f}"


def main(short: bool) -> None:
    """Print a row per model."""
    print("model | parameters | nodes, ours | Keras | ONNX bytes, ours", end="")
    print(" | variables, ours | Keras | seconds, ours | Keras")
    builders = {case.name: case.build for case in CASES}
    builders["rnn_lm"] = lambda: rnn_lm(units=256, num_layers=2)
    for name in list(builders)[:: 6 if short else 1]:
        model = builders[name]()
        model(keras.ops.zeros((1, *(n or 1 for n in model.input_shape[1:]))))
        with tempfile.TemporaryDirectory() as folder:
            theirs, their_size, their_time = by_keras(model, Path(folder))
            ours, file, size, our_time = by_us(model, Path(folder))
        row = (name, model.count_params(), ours, theirs, file, size, their_size)
        print(*row, f"{our_time:.1f}", f"{their_time:.1f}", sep=" | ", flush=True)


if __name__ == "__main__":
    main("--short" in sys.argv)
