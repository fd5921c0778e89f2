"""How time and memory grow with the batch, the depth, the steps and the data.

    make bench ONLY=growth

The slope of a line through the logarithms: 1 is linear. Every size has a process of
its own, and memory is that process's peak beyond what it holds after a tiny size. Times
are the fastest of some. DenseNet's depth is how many convolutions a dense block has,
set against the network's multiplications, for each convolution sees the channels of all
before it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
from measuring import Row, figure
from recording import run

SIZES = {
    "batch": (16, 32, 64, 128),
    "depth": (2, 4, 8, 16),
    "steps": (35, 125, 500, 2000),
    "samples": (7_500, 15_000, 30_000, 60_000),
}
WHAT = {
    "batch": "a step of ResNet-18 at 32 pixels against the batch",
    "depth": "a step of DenseNet against its multiplications",
    "steps": "a step of the RNN against its steps",
    "samples": "an epoch of the MLP against the samples",
}
MOST = 1.05


def measure(short: bool) -> Iterator[Row]:
    """A row of seconds and one of memory for each quantity."""
    for name, sizes in SIZES.items():
        some = sizes[:2] if short else sizes
        command = [sys.executable, __file__, "point", name]
        points = [
            json.loads(
                subprocess.run(
                    [*command, str(size)], check=True, capture_output=True, text=True
                ).stdout.splitlines()[-1]
            )
            for size in some
        ]
        for place, unit in enumerate(("seconds", "bytes"), start=1):
            curve = [(point[0], point[place]) for point in points]
            yield figure(
                f"{unit} of {WHAT[name]}",
                [slope(curve)],
                unit="log-log slope",
                at_most=MOST,
                points=curve,
            )


def slope(points: list[tuple[float, float]]) -> float:
    """Of the line through the logarithms that is nearest."""
    x, y = np.log(points).T
    return float(np.polyfit(x, y, 1)[0])


def main() -> None:
    """Measure all, or be the process that measures one size."""
    if sys.argv[1:2] != ["point"]:
        run(__file__, measure)
        return
    from growth_point import measure_point

    print(json.dumps(measure_point(sys.argv[2], int(sys.argv[3]))))


if __name__ == "__main__":
    main()
