"""How soon a new server answers, beside a bare session, and what it keeps in memory.

    make bench ONLY=serving_start

Starts `kerasheet-serve` again and again on a free loopback port, with LeNet, and asks
about one sample of zeros. A bare Python process that imports onnxruntime and opens the
model tells what is left to save.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measuring import Row, Side, figure, take_turns
from recording import run

from kerasheet.models import lenet
from kerasheet_export import export
from kerasheet_serving import Client

TURNS, AT_MOST = 11, 1.0


class Server:
    """Called, it starts a server and waits for its first answer.

    Attributes:
        megabytes: resident then, of every start.
    """

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        self.megabytes: list[float] = []
        self.seconds: list[float] = []

    def __call__(self) -> None:
        words = [sys.executable, "-m", "kerasheet_serving", self.repository, "--port=0"]
        started = time.perf_counter()
        with subprocess.Popen(
            list(map(str, words)), stdout=subprocess.PIPE, text=True
        ) as process:
            url = process.stdout.readline().split()[-1]
            Client(url).predict("lenet", np.zeros((1, 28, 28, 1)))
            self.seconds.append(time.perf_counter() - started)
            status = Path(f"/proc/{process.pid}/status").read_text()
            self.megabytes.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
            process.terminate()


def measure(short: bool) -> Iterator[Row]:
    """Rows of seconds, of memory, and of their ratio to a bare session."""
    with tempfile.TemporaryDirectory() as folder:
        version = export(lenet(), folder, "lenet", formats=("onnx",))
        server = Server(Path(folder))
        sides = {"ours": server, "a bare session": _session(version / "model.onnx")}
        taken = take_turns(sides, turns=2 if short else TURNS, warm_up=1)
    yield figure(
        "seconds to the first answer", server.seconds[1:], unit="s", at_most=AT_MOST
    )
    yield figure("resident after it", server.megabytes[1:], unit="MB")
    bare = [one.wall for one in taken["a bare session"]]
    yield figure("seconds of a bare session", bare, unit="s")
    ratios = [own / one for own, one in zip(server.seconds[1:], bare, strict=True)]
    yield figure("the answer over a bare session", ratios, unit="")


def _session(path: Path) -> Side:
    """A process that imports the runtime and opens the model, no more."""
    script = f"import onnxruntime; onnxruntime.InferenceSession({str(path)!r})"
    return lambda: subprocess.run([sys.executable, "-c", script], check=True)


if __name__ == "__main__":
    run(__file__, measure)
