"""How near to the machine's own limits steps of training and inference come.

    make bench ONLY=limits

The ceilings are a product of two square matrices in TensorFlow and a copy of memory in
NumPy, on all cores the former, on one the latter; they take turns with the steps, so
that all see the same machine. A multiplication with its addition counts as two
operations; a step of training as three times the inference, though the first layer's
images need no gradient. `of the ceiling` is the share of the product's speed. What
stands lowest moves memory, or starts kernels, more than it multiplies.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf
from measuring import Row, figure, take_turns
from networks import SIZES
from recording import run
from training_sides import make_samples, ours
from training_step import CASES

from kerasheet.models import MODELS
from kerasheet.report.cost import multiply_adds

SIDE, COPIED, TURNS, SECONDS = 1536, 2**26, 5, 8
GIGA = 1e9


def measure(short: bool) -> Iterator[Row]:
    """The ceilings with the first model, and a row per model and kind of step."""
    for number, (name, size) in enumerate(SIZES.items()):
        if short and number > 0:
            break
        _, batch, batches = (0, 2, 1) if short else CASES[name]
        sides, work = _sides(name, size, batch, batches)
        taken = take_turns(sides, turns=2 if short else TURNS, limit=SECONDS)
        sides["training"].close()
        speeds = {
            side: [work[side] / GIGA / one.wall for one in seconds]
            for side, seconds in taken.items()
        }
        if number == 0:
            yield figure("ceiling: product", speeds["product"], unit="GFLOP/s")
            yield figure("ceiling: copy", speeds["copy"], unit="GB/s")
        for side in ("training", "inference"):
            case = f"{side} of {name}, {batch} images of {size} pixels"
            pairs = zip(speeds[side], speeds["product"], strict=True)
            share = [own / most for own, most in pairs]
            yield figure(case, speeds[side], unit="GFLOP/s")
            yield figure(f"{case}", share, unit="of the ceiling")


def _sides(
    name: str, size: int, batch: int, batches: int
) -> tuple[dict[str, Callable[[], object]], dict[str, float]]:
    """Sides, and the operations or bytes of a turn of each."""
    samples = make_samples(batch * batches, size, batch)
    model = MODELS[name](input_shape=(size, size, 1), classes=10)
    operations = 2 * multiply_adds(model) * batch * batches
    sides = {
        "training": ours(name, samples),
        "inference": _inference(model, samples.x, batch),
        "product": _product(),
        "copy": _copy(),
    }
    work = {
        "training": 3 * operations,
        "inference": operations,
        "product": 2 * SIDE**3,
        "copy": 2 * COPIED,  # read and written
    }
    return sides, work


def _inference(model: keras.Model, x: np.ndarray, batch: int) -> Callable[[], object]:
    call = tf.function(lambda images: model(images, training=False), autograph=False)
    parts = [tf.constant(x[at : at + batch]) for at in range(0, len(x), batch)]
    return lambda: [call(part) for part in parts][-1].numpy()


def _product() -> Callable[[], object]:
    matrix = tf.random.stateless_normal((SIDE, SIDE), (0, 0))
    product = tf.function(lambda: tf.matmul(matrix, matrix), autograph=False)
    return lambda: product()[0, 0].numpy()


def _copy() -> Callable[[], object]:
    source, target = (np.ones(COPIED, np.uint8) for _ in range(2))
    return lambda: np.copyto(target, source)


if __name__ == "__main__":
    run(__file__, measure)
