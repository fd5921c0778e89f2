"""A step of training in mixed_bfloat16 beside float32, our own `fit` on both sides.

    make bench ONLY=bfloat16

Only a processor with AVX512-BF16 or AMX, or a GPU, multiplies such numbers faster; the
row `bfloat16 in the processor` says whether this one does, 1 or 0.
"""

from collections.abc import Iterator
from pathlib import Path

import keras
from measuring import Row, comparisons, figure, take_turns
from recording import run
from training_sides import follow, make_samples

from kerasheet.models import MODELS
from kerasheet.training import fit

CASES = {"lenet": (28, 256, 10), "resnet18": (96, 16, 2), "densenet": (96, 16, 2)}
"""Pixels across, images a batch, batches a turn."""

FLAGS = ("avx512_bf16", "amx_bf16")
TURNS, SECONDS = 7, 30


def measure(short: bool) -> Iterator[Row]:
    """A row per model."""
    words = Path("/proc/cpuinfo").read_text().split()
    has = float(any(flag in words for flag in FLAGS))
    yield figure("bfloat16 in the processor", [has], unit="")
    for name, (size, batch, batches) in list(CASES.items())[: 1 if short else None]:
        samples = make_samples(batch * batches, size, batch)
        sides = {}
        for policy in ("mixed_bfloat16", "float32"):
            keras.config.set_dtype_policy(policy)
            model = MODELS[name](input_shape=(size, size, 1), classes=10)
            sides[policy] = follow(fit, model, samples)
        turns = 1 if short else TURNS
        taken = take_turns(sides, turns=turns, warm_up=1, limit=SECONDS)
        for side in sides.values():
            side.close()
        case = f"{name}, {batch} images of {size} pixels"
        yield from comparisons(case, taken, per=batches, unit="step")


if __name__ == "__main__":
    run(__file__, measure)
