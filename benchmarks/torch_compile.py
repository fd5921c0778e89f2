"""A step of training, every image model, beside torch.compile.

    make bench ONLY=torch_compile    # twenty minutes, most of them to compile

The sides and sizes are those of `training_step`.
"""

from collections.abc import Iterator

from measuring import Row, comparisons, geometric_means, take_turns
from recording import run
from training_sides import by_torch, make_samples, ours
from training_step import CASES, SECONDS, TURNS

PEER = "torch.compile"


def measure(short: bool) -> Iterator[Row]:
    """A row per model."""
    rows: list[Row] = []
    for name, (size, batch, batches) in list(CASES.items())[: 1 if short else None]:
        samples = make_samples(batch * batches, size, batch)
        mine = ours(name, samples)
        sides = {"ours": mine, PEER: by_torch(name, samples, compiled=True)}
        turns = 1 if short else TURNS
        taken = take_turns(sides, turns=turns, limit=SECONDS / 2)
        mine.close()
        case = f"{name}, {batch} images of {size} pixels"
        new = comparisons(case, taken, per=batches, unit="step")
        yield from new
        rows += new
    yield from geometric_means(rows)


if __name__ == "__main__":
    run(__file__, measure)
