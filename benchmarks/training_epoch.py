"""An epoch of 60,000 samples, softmax regression and the MLP, beside Keras and PyTorch.

    make bench ONLY=training_epoch

Batches of 256 of the shape of Fashion-MNIST; the sides are those of `training_step`.
"""

from collections.abc import Iterator

from measuring import Row, comparisons, take_turns
from recording import run
from training_sides import by_keras, by_torch, make_samples, ours

SAMPLES, SHORT, BATCH, TURNS = 60_000, 512, 256, 9
TARGETS = {
    "softmax_regression": {"Keras fit": 5.0, "PyTorch": 1.2},
    "mlp": {"Keras fit": 3.0, "PyTorch": 1.2},
    "mlp_dropout": {},
}


def measure(short: bool) -> Iterator[Row]:
    """A row per model and peer."""
    samples = make_samples(SHORT if short else SAMPLES, 28, BATCH)
    for name, targets in TARGETS.items():
        sides = {
            "ours": ours(name, samples),
            "Keras fit": by_keras(name, samples),
            "PyTorch": by_torch(name, samples, compiled=False),
        }
        taken = take_turns(sides, turns=2 if short else TURNS)
        sides["ours"].close(), sides["Keras fit"].close()
        yield from comparisons(name, taken, unit="epoch", targets=targets)


if __name__ == "__main__":
    run(__file__, measure)
