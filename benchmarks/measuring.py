"""Sides that take turns, and the ratios of their times turn by turn."""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Row = dict[str, Any]
"""A line of results; `comparison` and `figure` say what is in it."""


class Seconds(NamedTuple):
    """What a turn took: on the wall's clock, and on all cores together."""

    wall: float
    cpu: float


Side = Callable[[], object]
"""Takes one turn. A side in another process returns its own `Seconds`."""


def take_turns(
    sides: Mapping[str, Side],
    *,
    turns: int,
    warm_up: int = 2,
    limit: float = math.inf,
) -> dict[str, list[Seconds]]:
    """Run sides A B C, C B A, A B C …: what slows the machine slows all of them.

    In turns that all had one order, a side would always come after the same other.

    Args:
        sides: by their names; ours comes first.
        turns: that count, at most.
        warm_up: turns before them, which build and compile.
        limit: seconds after which no more turn begins, once three have counted.

    Returns:
        By name, what every turn took.
    """
    for _ in range(warm_up):
        for side in sides.values():
            side()
    taken: dict[str, list[Seconds]] = {name: [] for name in sides}
    started = time.perf_counter()
    for turn in range(turns):
        if turn >= 3 and time.perf_counter() - started > limit:
            break
        for name in list(sides)[:: -1 if turn % 2 else 1]:
            taken[name].append(clock(sides[name]))
    return taken


def clock(side: Side) -> Seconds:
    """What one turn takes."""
    before = time.perf_counter(), time.process_time()
    answer = side()
    after = time.perf_counter(), time.process_time()
    if isinstance(answer, Seconds):
        return answer
    return Seconds(after[0] - before[0], after[1] - before[1])


def comparisons(
    case: str,
    taken: Mapping[str, Sequence[Seconds]],
    *,
    per: float = 1,
    unit: str,
    targets: Mapping[str, float] | None = None,
) -> list[Row]:
    """A row for every peer of the first side.

    ```
    wall, cpu: [q1, median, q3] over the turns of the peer's time over ours, > 1 if we
               are faster        ours, theirs: medians, in seconds per `unit`
    ```

    Args:
        case: what was run, with its sizes.
        taken: what `take_turns` returned.
        per: how many of the unit a turn has.
        unit: what ours and theirs are seconds of.
        targets: by the peer's name, the least median ratio that is aimed at.
    """
    ours, *peers = taken
    return [
        {
            "case": case,
            "peer": peer,
            "unit": f"s per {unit}",
            "ours": _medians(taken[ours], per),
            "theirs": _medians(taken[peer], per),
            "turns": len(taken[peer]),
            "at_least": (targets or {}).get(peer),
            **_ratios(taken[ours], taken[peer]),
        }
        for peer in peers
    ]


def figure(
    case: str,
    values: Iterable[float],
    *,
    unit: str,
    at_least: float | None = None,
    at_most: float | None = None,
    **others: Any,
) -> Row:
    """A row of a figure without a peer: [q1, median, q3] of its values."""
    numbers = list(values)
    return {
        "case": case,
        "unit": unit,
        "figure": quartiles(numbers),
        "turns": len(numbers),
        "at_least": at_least,
        "at_most": at_most,
        **others,
    }


def geometric_means(
    rows: Iterable[Row], targets: Mapping[str, float] | None = None
) -> list[Row]:
    """A row for every peer: the geometric mean of its median ratios over all cases."""
    logs: dict[str, list[list[float]]] = {}
    for row in rows:
        if "peer" in row and "geometric mean" not in row["case"]:
            both = [math.log(row[clock][1]) for clock in ("wall", "cpu")]
            logs.setdefault(row["peer"], []).append(both)
    means = {peer: np.exp(np.mean(both, axis=0)) for peer, both in logs.items()}
    return [
        {
            "case": f"geometric mean of {len(logs[peer])}",
            "peer": peer,
            "at_least": (targets or {}).get(peer),
            **{
                clock: [round(float(mean), 3)] * 3
                for clock, mean in zip(("wall", "cpu"), both, strict=True)
            },
        }
        for peer, both in means.items()
    ]


def quartiles(values: Iterable[float]) -> list[float]:
    """[q1, median, q3], to four significant digits."""
    return [float(f"{one:.4g}") for one in np.quantile(list(values), [0.25, 0.5, 0.75])]


def _ratios(ours: Sequence[Seconds], theirs: Sequence[Seconds]) -> Row:
    both = np.array(theirs) / np.maximum(np.array(ours), 1e-9)
    return {"wall": quartiles(both[:, 0]), "cpu": quartiles(both[:, 1])}


def _medians(taken: Sequence[Seconds], per: float) -> dict[str, float]:
    middle = np.median(np.array(taken), axis=0) / per
    return {"wall": float(f"{middle[0]:.4g}"), "cpu": float(f"{middle[1]:.4g}")}
