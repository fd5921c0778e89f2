"""Inference in 8 bits, convolutional models, batch 32, beside our own float32.

    make bench ONLY=int8

The files are what `kerasheet_export` publishes with `quantize=("int8",)`; the processor
decides what 8 bits gain: without VNNI instructions they are not half of it.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from inference import LIMIT, TURN_SECONDS, TURNS, repeated
from measuring import Row, clock, comparisons, geometric_means, take_turns
from networks import CONVOLUTIONAL, SIZES
from onnx_sides import by_us, in_runtime
from recording import run

from kerasheet.models import MODELS
from kerasheet_export.quantize import write_int8

BATCH, LEAST, MOST_WANTED = 32, 1.5, {"resnet18": 2.5}


def measure(short: bool) -> Iterator[Row]:
    """A row per model."""
    rows: list[Row] = []
    for name in CONVOLUTIONAL[:1] if short else CONVOLUTIONAL:
        for row in measure_model(name, 2 if short else TURNS):
            rows.append(row)
            yield row
    yield from geometric_means(rows)


def measure_model(name: str, turns: int) -> list[Row]:
    """Rows of one model, on all cores."""
    size = SIZES[name]
    shape = (BATCH, size, size, 1)
    images = np.random.default_rng(0).random(shape, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        model = MODELS[name](input_shape=shape[1:], classes=10)
        exact, short = by_us(model, place), place / "int8.onnx"
        [given] = onnxruntime.InferenceSession(exact).get_inputs()
        write_int8(exact, short, [{given.name: images[:8]}])
        calls = {
            "int8": in_runtime(short, images, 0),
            "our float32": in_runtime(exact, images, 0),
        }
        calls["int8"]()
        repeats = max(1, int(TURN_SECONDS / clock(calls["int8"]).wall))
        sides = {side: repeated(call, repeats) for side, call in calls.items()}
        taken = take_turns(sides, turns=turns, warm_up=1, limit=LIMIT)
    targets = {"our float32": MOST_WANTED.get(name, LEAST)}
    case = f"{name}, batch {BATCH}"
    return comparisons(case, taken, per=repeats, unit="call", targets=targets)


if __name__ == "__main__":
    run(__file__, measure)
