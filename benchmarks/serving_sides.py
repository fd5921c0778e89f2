"""What `serving.py` compares: servers, what they are asked, and what is no server."""

import base64
import io
import json
import os
import statistics
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
from measuring import Seconds
from PIL import Image
from servers import HERE, Question

PEERS = ("litserve", "mlserver", "ray")
OURS = {"ours": (), "workers": (f"--workers={os.cpu_count()}",)}
V1, V2 = "/v1/models/lenet:predict", "/v2/models/lenet/infer"


def command(name: str, model: Path) -> list[str]:
    """What starts a server."""
    if name in OURS:
        words = [sys.executable, "-m", "kerasheet_serving", str(model.parents[2])]
        return [*words, "--port={port}", "--grpc-port=0", "--threads=1", *OURS[name]]
    script = {"mlserver": "mlserver_app.py"}.get(name, f"{name}_app.py")
    python = HERE.parent / f".venv-{name}" / "bin" / "python"
    return [str(python), str(HERE / "peers" / script), str(model), "{port}"]


def export_lenet(folder: Path) -> Path:
    """Publish a network with random weights, and give its ONNX file."""
    from kerasheet.models import MODELS
    from kerasheet_export import export

    network = MODELS["lenet"](input_shape=(28, 28, 1), classes=10)
    labels = list("0123456789")
    version = export(
        network, folder, "lenet", formats=("onnx",), labels=labels, scale=1 / 255
    )
    return version / "model.onnx"


def questions(number: int = 1) -> dict[str, Question]:
    """Some images in all forms, with four digits behind the point in JSON."""
    images = np.random.default_rng(0).random((number, 28, 28, 1)).round(4)
    given = {"name": "images", "shape": [number, 28, 28, 1], "datatype": "FP32"}
    content = images.astype("<f4").tobytes()
    binary = {
        "inputs": [{**given, "parameters": {"binary_data_size": len(content)}}],
        "parameters": {"binary_data_output": True},
    }
    files = {
        "signature_name": "predict_bytes",
        "instances": [{"b64": _png(image)} for image in images],
    }
    numbers = {"inputs": [{**given, "data": images.ravel().tolist()}]}
    head = _json(binary)
    plain = _json({"instances": images.tolist()})
    return {
        "V1 JSON": Question(V1, plain),
        # What follows the object is ignored, but not by the fast parser.
        "V1 JSON, standard library": Question(V1, plain + b" x"),
        "V2 JSON": Question(V2, _json(numbers)),
        "V2 binary": Question(
            V2, head + content, "application/octet-stream", len(head)
        ),
        "predict_bytes": Question(V1, _json(files)),
    }


def _png(image: np.ndarray) -> str:
    """A file, in base64."""
    file = io.BytesIO()
    Image.fromarray((image[..., 0] * 255).astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


class Bare:
    """A process without a server."""

    def __init__(self, model: Path, body: Path, batch: int) -> None:
        script = HERE / "peers" / "bare.py"
        words = [sys.executable, script, model, body, batch]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            list(map(str, words)), stdin=pipe, stdout=pipe, text=True
        )

    def take(self, requests: int) -> tuple[Seconds, float]:
        """Seconds per request, and their median."""
        self._process.stdin.write(f"{requests}\n")
        self._process.stdin.flush()
        wall, cpu, median = map(float, self._process.stdout.readline().split())
        return Seconds(wall / requests, cpu / requests), median

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()


def seconds_alone(port: int, question: Question, requests: int) -> float:
    """Median time of one request after the other on one connection."""
    connection = HTTPConnection("127.0.0.1", port)
    times = [time.perf_counter()]
    for _ in range(requests):
        connection.request("POST", question.path, question.body, question.headers)
        connection.getresponse().read()
        times.append(time.perf_counter())
    connection.close()
    return statistics.median(np.diff(times[requests // 4 :]).tolist())


def versions() -> dict[str, str]:
    """Of what the peers' venvs hold."""
    script = "from importlib.metadata import version as v; print(v('{}'))"
    named = {name: HERE.parent / f".venv-{name}" / "bin" / "python" for name in PEERS}
    return {
        name: subprocess.check_output(
            [python, "-c", script.format(name)], text=True
        ).strip()
        for name, python in named.items()
        if python.exists()
    }
