"""How soon a new server answers, and what it keeps in memory.

    python benchmarks/serving_start.py REPOSITORY MODEL

Starts `kerasheet-serve` again and again on a free loopback port, asks MODEL about one
sample of zeros, and prints the median and quartiles of the seconds from the command to
the answer, beside a bare Python process that imports onnxruntime and opens the model.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from kerasheet_serving import Client, Repository, read_manifest

ROUNDS = 11


def serve_once(repository: Path, model: str) -> tuple[float, float]:
    """Seconds to the first answer, and megabytes resident then."""
    newest = Repository(repository).directory(
        model, Repository(repository).models()[model][-1]
    )
    [spec] = read_manifest(newest).inputs
    zeros = np.zeros([1 if isinstance(size, str) else size for size in spec.shape])
    command = [sys.executable, "-m", "kerasheet_serving", str(repository), "--port=0"]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        Client(process.stdout.readline().split()[-1]).predict(model, zeros)
        seconds = time.perf_counter() - started
        status = Path(f"/proc/{process.pid}/status").read_text()
        process.terminate()
    return seconds, int(status.split("VmRSS:")[1].split()[0]) / 1024


def open_once(repository: Path, model: str) -> float:
    """Seconds of a process that imports the runtime and opens the model, no more."""
    path = next((repository / model).glob("*/model.onnx"))
    script = f"import onnxruntime; onnxruntime.InferenceSession({str(path)!r})"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", script], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure both sides, alternating, and print JSON."""
    repository, model = Path(sys.argv[1]), sys.argv[2]
    served, opened = [], []
    for _ in range(ROUNDS):
        served.append(serve_once(repository, model))
        opened.append(open_once(repository, model))
    seconds, megabytes = zip(*served, strict=True)
    ratios = [s / o for s, o in zip(seconds, opened, strict=True)]
    for name, values in (
        ("seconds to the first answer", seconds),
        ("seconds of a bare session", opened),
        ("ratio", ratios),
        ("megabytes resident", megabytes),
    ):
        low, median, high = statistics.quantiles(values, n=4)
        row = {"what": name, "q1": low, "median": median, "q3": high}
        print(
            json.dumps(
                {key: v if key == "what" else round(v, 3) for key, v in row.items()}
            )
        )


if __name__ == "__main__":
    main()
