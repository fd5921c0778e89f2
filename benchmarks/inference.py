"""Inference in ONNX Runtime, every image model, beside exports of Keras and PyTorch.

    make bench ONLY=inference

Ours is the ONNX file that `kerasheet_export.export` publishes; Keras' that of its own
`model.export(format="onnx")` of the same model, PyTorch's that of `torch.onnx.export`.
OpenVINO, in a process of its own, reads our file for the one size of batch. A turn is
as many calls as take a tenth of a second; batches of one tell the latency, those of 32
the throughput. All answer logits: ours is not asked for its probabilities.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from measuring import Row, clock, comparisons, geometric_means, take_turns
from networks import SIZES
from onnx_sides import OpenVino, by_keras, by_torch, by_us, in_runtime
from recording import run

from kerasheet.models import MODELS

BATCHES, THREADS = (1, 32), (1, 2)
TARGETS = {"Keras export": 0.98, "torch.onnx": 1.0}
MEANS = {"Keras export": 1.1, "torch.onnx": 1.0}
TURNS, TURN_SECONDS, LIMIT = 15, 0.1, 5


def measure(short: bool) -> Iterator[Row]:
    """A row per model, batch, number of threads and peer."""
    rows: list[Row] = []
    for name in list(SIZES)[2:4] if short else SIZES:
        for row in measure_model(name, short):
            rows.append(row)
            yield row
    yield from geometric_means(rows, MEANS)


def measure_model(name: str, short: bool) -> Iterator[Row]:
    """All rows of a model."""
    size = SIZES[name]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        model = MODELS[name](input_shape=(size, size, 1), classes=10)
        paths = {
            "ours": by_us(model, place),
            "Keras export": by_keras(model, place),
            "torch.onnx": by_torch(name, size, place),
        }
        for batch in BATCHES:
            images = np.random.default_rng(0).random((batch, size, size, 1), np.float32)
            for threads in THREADS:
                case = f"{name}, batch {batch}, {threads} thread{'s'[: threads - 1]}"
                yield from _beside(case, paths, images, threads, short)


def _beside(
    case: str, paths: dict[str, Path], images: np.ndarray, threads: int, short: bool
) -> list[Row]:
    calls = {name: in_runtime(path, images, threads) for name, path in paths.items()}
    calls["ours"]()
    repeats = max(1, int(TURN_SECONDS / clock(calls["ours"]).wall))
    sides = {name: repeated(call, repeats) for name, call in calls.items()}
    openvino = OpenVino(paths["ours"], images, threads, repeats)
    try:
        taken = take_turns(
            {**sides, "OpenVINO": openvino},
            turns=2 if short else TURNS,
            warm_up=1,
            limit=LIMIT,
        )
    finally:
        openvino.close()
    return comparisons(case, taken, per=repeats, unit="call", targets=TARGETS)


def repeated(call: Callable[[], object], repeats: int) -> Callable[[], None]:
    """A side whose turn is so many calls."""

    def side() -> None:
        for _ in range(repeats):
            call()

    return side


if __name__ == "__main__":
    run(__file__, measure, {"openvino": "2026.4.1"})
