"""A step of training, every image model, beside model.fit and PyTorch's eager mode.

    make bench ONLY=training_step

Ours is `kerasheet.training.fit`, Keras' the same network from keras.layers with
`model.fit` at its defaults; all train by gradient descent, without metrics. A turn is
an epoch of some batches, shuffled. Images have the published size; batches are the
published ones, or as many images as a step of about two seconds takes.
"""

from collections.abc import Iterator

from measuring import Row, comparisons, geometric_means, take_turns
from recording import run
from training_sides import by_keras, by_torch, make_samples, ours

CASES = {
    "softmax_regression": (28, 256, 100),
    "mlp": (28, 256, 100),
    "lenet": (28, 256, 20),
    "lenet_batch_norm": (28, 256, 20),
    "googlenet": (96, 32, 3),
    "resnet18": (96, 32, 3),
    "densenet": (96, 32, 3),
    "vgg11_eighth": (224, 64, 2),
    "nin": (224, 32, 2),
    "alexnet": (224, 32, 2),
}
"""Pixels across, images a batch, batches a turn."""

PEERS = ("Keras fit", "PyTorch eager")
LEAST, MEANS = 1.0, {PEERS[0]: 1.25, PEERS[1]: 1.2}
TURNS, SECONDS = 9, 30


def measure(short: bool) -> Iterator[Row]:
    """A row per model and peer."""
    rows: list[Row] = []
    for name, (size, batch, batches) in CASES.items():
        some = (2, 1) if short else (batch, batches)
        for row in measure_model(name, size, *some, short):
            rows.append(row)
            yield row
    yield from geometric_means(rows, MEANS)


def measure_model(
    name: str, size: int, batch: int, batches: int, short: bool
) -> list[Row]:
    """A row per peer of one model."""
    samples = make_samples(batch * batches, size, batch)
    mine, keras_side = ours(name, samples), by_keras(name, samples)
    torch_side = by_torch(name, samples, compiled=False)
    sides = dict(zip(("ours", *PEERS), (mine, keras_side, torch_side), strict=True))
    turns, warm_up = (1, 1) if short else (TURNS, 2)
    taken = take_turns(sides, turns=turns, warm_up=warm_up, limit=SECONDS)
    mine.close(), keras_side.close()
    case = f"{name}, {batch} images of {size} pixels"
    targets = dict.fromkeys(PEERS, LEAST)
    return comparisons(case, taken, per=batches, unit="step", targets=targets)


if __name__ == "__main__":
    run(__file__, measure)
