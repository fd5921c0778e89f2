"""Several runs side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kerasheet.report.chapter import Chapter
from kerasheet.report.chart import Chart, draw_chart, history_lines
from kerasheet.report.figures import best, differing, write


class Entry(NamedTuple):
    """A figure of a run in the table of runs, and whether no run has a better one."""

    text: str
    best: bool


@dataclass(frozen=True)
class Comparison:
    """What a report says about several runs together.

    Attributes:
        columns: the figures in the table of runs.
        table: an entry per run and figure.
        charts: a chart per figure of the history, with the lines of all runs.
        differences: per field of the recipes that differs, what each run has there.
    """

    columns: list[str]
    table: list[list[Entry]]
    charts: list[Chart]
    differences: dict[str, list[str]]


def compare(chapters: Sequence[Chapter]) -> Comparison:
    """Compare runs."""
    rows = {chapter.number: _figures(chapter) for chapter in chapters}
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    data = {chapter.number: chapter.run.recipe.data for chapter in chapters}
    winners = {}
    for name in names:
        values = {number: row[name] for number, row in rows.items() if name in row}
        winners[name] = best(name, values, data)
    table = [
        [
            Entry(write(name, row.get(name, "–")), number in winners[name])
            for name in names
        ]
        for number, row in rows.items()
    ]
    columns = [name.replace("_", " ") for name in names]
    differences = differing([chapter.recipe for chapter in chapters])
    return Comparison(columns, table, _charts(chapters), differences)


def _figures(chapter: Chapter) -> dict[str, float]:
    """Of a row in the table of runs, as far as they are numbers."""
    figures: dict[str, float] = {
        "parameters": chapter.parameters,
        "multiply_adds": chapter.multiply_adds,
    }
    for name in (*_test_first(chapter.parts), "training_seconds"):
        value = chapter.run.metrics.get(name)
        if isinstance(value, int | float):
            figures[name] = value
    return figures


def _test_first(parts: dict[str, dict[str, float]]) -> list[str]:
    return [f"{part}_{name}" for part in reversed(parts) for name in parts[part]]


def _charts(chapters: Sequence[Chapter]) -> list[Chart]:
    names = dict.fromkeys(name for chapter in chapters for name in chapter.figures)
    charts = []
    for name in names:
        lines = [
            line
            for chapter in chapters
            for line in history_lines(
                chapter.history, name, chapter.number - 1, str(chapter.number)
            )
        ]
        charts.append(draw_chart(name, lines))
    return charts
