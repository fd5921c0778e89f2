"""Curves over the epochs, as lines of an SVG."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.ticker import Locator, LogLocator, MaxNLocator

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 48, 340, 10, 190
COLOURS = 8
MOST_POINTS = 400
LOGARITHMIC = ("perplexity",)
UNITS = {"loss": "nats"}


class Line(NamedTuple):
    """One figure after every epoch.

    Attributes:
        label: what the line stands for.
        values: one an epoch, from epoch 1 on; what is not finite leaves a gap.
        held_out: whether the line is dashed.
        colour: a number below `COLOURS`.
        mark: the number of the run among several; it stands where the line of training
            ends.
    """

    label: str
    values: Sequence[float]
    held_out: bool = False
    colour: int = 0
    mark: str = ""


class Tick(NamedTuple):
    """A place on an axis, in the SVG's units, and what stands there."""

    place: float
    label: str


class Stroke(NamedTuple):
    """A line as SVG draws it: its path, and where it ends."""

    line: Line
    path: str
    end: tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """A chart, laid out.

    Attributes:
        title: the figure, with its unit.
        description: the chart in words.
        strokes: its lines.
        x_ticks: epochs.
        y_ticks: values.
    """

    title: str
    description: str
    strokes: list[Stroke]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def history_lines(
    history: Mapping[str, Sequence[float]], name: str, colour: int = 0, run: str = ""
) -> list[Line]:
    """The lines of a figure in a run's history: of training, and held out.

    Args:
        history: per figure one value an epoch.
        name: of the figure.
        colour: of the first line; every `COLOURS` they begin again. The second line
            has the next, or, if there is a `run`, the same.
        run: the number of the run among several.
    """
    lines = []
    for key, part in ((name, "train"), (f"val_{name}", "held out")):
        if key in history:
            held_out = part != "train"
            hue = colour if run else colour + held_out
            lines.append(Line(part, history[key], held_out, hue % COLOURS, run))
    return lines


def draw_chart(name: str, lines: Sequence[Line]) -> Chart:
    """Lay a chart out.

    Args:
        name: of the figure; a perplexity is drawn on a logarithmic scale.
        lines: at least one, with a value each.
    """
    unit = f" ({UNITS[name]})" if name in UNITS else ""
    logarithmic = name in LOGARITHMIC
    finite = [v for line in lines for v in line.values if _drawn(v, logarithmic)]
    y = Scale(finite or [1.0], BOTTOM, TOP, logarithmic)
    x = Scale([1, max(len(line.values) for line in lines)], LEFT, RIGHT)
    strokes = [_stroke(line, x, y, logarithmic) for line in lines]
    epochs = x.ticks(MaxNLocator(5, integer=True))
    values = y.ticks(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if logarithmic and len(wide := y.ticks(LogLocator(subs=(1, 2, 5)))) > 2:
        values = wide
    description = f"{name} over the epochs: {'; '.join(map(_describe, lines))}"
    return Chart(f"{name}{unit}", description, strokes, epochs, values)


class Scale:
    """From values to places between `start` and `end`."""

    def __init__(
        self, values: Sequence[float], start: float, end: float, log: bool = False
    ) -> None:
        self.least, self.most = min(values), max(values)
        self.start, self.end, self.log = start, end, log

    def place(self, value: float) -> float:
        """Where a value lies; in the middle if there is but one."""
        least, most, value = map(self._warp, (self.least, self.most, value))
        share = 0.5 if least == most else (value - least) / (most - least)
        return self.start + share * (self.end - self.start)

    def ticks(self, locator: Locator) -> list[Tick]:
        """Round values between the least and the largest."""
        if self.least == self.most:
            return [Tick(self.place(self.least), f"{self.least:.4g}")]
        values = [float(value) for value in locator.tick_values(self.least, self.most)]
        inside = [value for value in values if self.least <= value <= self.most]
        return [Tick(self.place(value), f"{value:g}") for value in inside]

    def _warp(self, value: float) -> float:
        return math.log(value) if self.log else value


def thin(count: int, most: int) -> list[int]:
    """Some `most` of the numbers below `count`, evenly spaced, the last among them.

    Example:
    >>> thin(3, 5), thin(10, 4), thin(0, 4)
    ([0, 1, 2], [0, 3, 6, 9], [])
    """
    step = max(1, -(-count // most))
    return list(range(count - 1, -1, -step))[::-1]


def _stroke(line: Line, x: Scale, y: Scale, log: bool) -> Stroke:
    commands, pen, end = [], "M", (float(LEFT), float(BOTTOM))
    for index in thin(len(line.values), MOST_POINTS):
        value = line.values[index]
        if not _drawn(value, log):
            pen = "M"
            continue
        end = (x.place(index + 1), y.place(value))
        dot = "h0" if pen == "M" else ""  # shows a point without neighbours
        commands.append(f"{pen}{end[0]:.1f} {end[1]:.1f}{dot}")
        pen = "L"
    return Stroke(line, "".join(commands), end)


def _drawn(value: float, log: bool) -> bool:
    return math.isfinite(value) and (value > 0 or not log)


def _describe(line: Line) -> str:
    run = f"run {line.mark}, " if line.mark else ""
    first, last = line.values[0], line.values[-1]
    return f"{run}{line.label} from {first:.4g} to {last:.4g}"
