"""The same network as ONNX files of several origins, and sides that run them."""

import contextlib
import io
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "library"))

import keras
import numpy as np
import onnxruntime
import torch
import torch_networks
from measuring import Seconds

from kerasheet_export import export

HERE = Path(__file__).parent
OPENVINO = HERE.parent / ".venv-openvino" / "bin" / "python"


def by_us(model: keras.Model, place: Path) -> Path:
    """Our export, with all the proofs it makes."""
    return export(model, place, "ours", formats=("onnx",)) / "model.onnx"


def by_keras(model: keras.Model, place: Path) -> Path:
    """Keras' own export of the same model."""
    path = place / "keras.onnx"
    with contextlib.redirect_stdout(io.StringIO()):
        model.export(path, format="onnx", verbose=False)
    return path


def by_torch(name: str, size: int, place: Path) -> Path:
    """PyTorch's export, by tracing, of its network; images have the channels first."""
    path = place / "torch.onnx"
    network = torch_networks.NETWORKS[name](1, 10, size).eval()
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            network,
            (torch.zeros(2, 1, size, size),),
            path,
            input_names=["images"],
            dynamic_axes={"images": {0: "batch"}},
            dynamo=False,
        )
    return path


def in_runtime(path: Path, images: np.ndarray, threads: int) -> Callable[[], object]:
    """A call of ONNX Runtime for the logits, on images in the layout that it wants."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    # Else its threads spin on into the turn of the next side.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )
    [given] = session.get_inputs()
    if given.shape[-1] != 1:
        images = images.transpose(0, 3, 1, 2)
    feeds = {given.name: np.ascontiguousarray(images)}
    logits = [session.get_outputs()[0].name]
    no_more = onnxruntime.RunOptions()
    no_more.only_execute_path_to_fetches = True
    return lambda: session.run(logits, feeds, no_more)


class OpenVino:
    """OpenVINO, in a process of its own venv; called, it takes a turn there."""

    def __init__(self, path: Path, images: np.ndarray, threads: int, repeats: int):
        array = path.with_suffix(".npy")
        np.save(array, images)
        words = [OPENVINO, HERE / "openvino_side.py", path, array, threads, repeats]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            list(map(str, words)), stdin=pipe, stdout=pipe, text=True
        )

    def __call__(self) -> Seconds:
        """What a turn took, there."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        wall, cpu = map(float, self._process.stdout.readline().split())
        return Seconds(wall, cpu)

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()
