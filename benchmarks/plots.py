"""Results as small SVGs: ratios with their quartiles, and growth."""

import textwrap
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.axes import Axes

SAME_BYTES = {"svg.hashsalt": "kerasheet", "svg.fonttype": "none", "font.size": 8}
INCHES_PER_LINE, LETTERS = 0.17, 48


def plot(result: dict[str, Any], path: Path) -> bool:
    """Draw what a result holds; False if there is nothing to draw."""
    ratios = [row for row in result["rows"] if "wall" in row]
    curves = [row for row in result["rows"] if "points" in row]
    if not ratios and not curves:
        return False
    with pyplot.rc_context(SAME_BYTES):
        lines = sum(_label(row).count("\n") + 1 for row in ratios)
        height = 1 + INCHES_PER_LINE * lines if ratios else 3.2
        drawing, axes = pyplot.subplots(figsize=(7, height), layout="constrained")
        _draw_ratios(axes, ratios) if ratios else _draw_growth(axes, curves)
        axes.set_title(result["what"], fontsize=8)
        drawing.savefig(path, metadata={"Date": None})
        pyplot.close(drawing)
    lines = (line.rstrip() for line in path.read_text().splitlines())
    path.write_text("\n".join(lines) + "\n")
    return True


def _draw_ratios(axes: Axes, rows: list[dict[str, Any]]) -> None:
    """A point a row, with a bar from quartile to quartile; right of 1 we are faster."""
    peers = list(dict.fromkeys(row["peer"] for row in rows))
    for place, row in enumerate(rows):
        low, middle, high = row["wall"]
        colour = f"C{peers.index(row['peer'])}"
        axes.plot([low, high], [place, place], color=colour)
        axes.plot(middle, place, "o", color=colour, markersize=4)
    for number, peer in enumerate(peers):
        axes.plot([], [], "o", color=f"C{number}", markersize=4, label=f"over {peer}")
    axes.axvline(1, color="black", linewidth=0.5)
    axes.set(xscale="log", xlabel="their seconds over ours, more is better")
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows])
    axes.invert_yaxis()
    axes.grid(axis="x", which="both", linewidth=0.2)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.05), ncols=3, frameon=False)


def _label(row: dict[str, Any]) -> str:
    return textwrap.fill(row["case"], LETTERS)


def _draw_growth(axes: Axes, rows: list[dict[str, Any]]) -> None:
    """Lines over a doubling quantity, both relative to their first point."""
    for row in rows:
        x, y = zip(*row["points"], strict=True)
        relative = [[one / values[0] for one in values] for values in (x, y)]
        axes.plot(*relative, "o-", markersize=3, label=row["case"])
    most = max(row["points"][-1][0] / row["points"][0][0] for row in rows)
    axes.plot([1, most], [1, most], "k:", linewidth=0.8, label="linear")
    axes.set(xscale="log", yscale="log", xlabel="so many times the size")
    axes.set_ylabel("so many times the cost")
    axes.grid(which="both", linewidth=0.2)
    axes.legend(fontsize=6, frameon=False)
