"""Training the book's rows again, and setting ours beside the published figures."""

import dataclasses
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from kerasheet.errors import KerasheetError, RecipeError, RunError, unknown
from kerasheet.training.book import BOOK, Row
from kerasheet.training.outcome import Outcome
from kerasheet.training.recipe import Recipe
from kerasheet.training.run import Run, read_run
from kerasheet.training.weight_decay import STRENGTH, WeightDecay, draw_decay

FIGURES = ("loss", "accuracy", "val_accuracy", "perplexity", "norm", "decayed_norm")


def reproduce(
    names: Sequence[str],
    directory: Path,
    follow: Callable[[Recipe, Path], Run],
    **changes: Any,
) -> Iterable[Outcome]:
    """Train rows of the book, one after the other.

    A row that was trained already, by the same recipe, is read and not trained again;
    one of weight decay takes seconds, and leaves a plot instead of a run.

    Args:
        names: of rows in `BOOK`; none for all.
        directory: where each row's run goes, under its name.
        follow: trains a recipe into a run directory.
        **changes: fields of `Recipe` to set for all rows, such as `epochs`.

    Yields:
        Each outcome, as soon as it is there.

    Raises:
        RecipeError: a name is unknown.
    """
    for name in names:
        if name not in BOOK:
            raise RecipeError(unknown("row", name, BOOK))
    for name in names or BOOK:
        row = BOOK[name]
        if isinstance(row, WeightDecay):
            yield _decayed(name, row, directory, changes.get("epochs"))
        else:
            run = _trained(row.recipe(**changes), directory / name, follow)
            yield _outcome(name, row, run)


def _decayed(
    name: str, row: WeightDecay, directory: Path, epochs: int | None
) -> Outcome:
    """Both norms of a row, and a plot of how they came about."""
    started = time.perf_counter()
    if epochs is not None:
        row = dataclasses.replace(row, epochs=epochs)
    histories = {strength: row.train(strength)[1] for strength in (0.0, STRENGTH)}
    directory.mkdir(parents=True, exist_ok=True)
    draw_decay(histories, directory / f"{name}.png")
    norms = [history["norm"][-1] for history in histories.values()]
    ours = dict(zip(("norm", "decayed_norm"), norms, strict=True))
    seconds = round(time.perf_counter() - started, 2)
    return Outcome(name, row.epochs, ours, row.published, seconds, row.note)


def _trained(recipe: Recipe, path: Path, follow: Callable[[Recipe, Path], Run]) -> Run:
    try:
        run = read_run(path)
    except RunError:
        return follow(recipe, path)
    if run.recipe != recipe:
        raise KerasheetError(
            f"{str(path)!r} was trained by another recipe. Name another directory with "
            "--directory, or remove it."
        )
    return run


def _outcome(name: str, row: Row, run: Run) -> Outcome:
    history = run.history()
    return Outcome(
        name,
        len(history["loss"]),
        {figure: history[figure][-1] for figure in row.published},
        row.published,
        run.metrics["training_seconds"],
        row.note,
    )


def write_table(outcomes: Sequence[Outcome], directory: Path) -> None:
    """Write `reproduction.json`, `.md` and `.png`."""
    rows = [{**dataclasses.asdict(one), "agrees": one.agrees()} for one in outcomes]
    text = json.dumps(rows, indent=2, ensure_ascii=False)
    (directory / "reproduction.json").write_text(text + "\n", encoding="utf-8")
    lines = ["| row | epochs | figure | ours | published | note |", "|---" * 6 + "|"]
    lines += [
        f"| {one.name} | {one.epochs} | {figure} | {ours:.4f} "
        f"| {one.published[figure]:.4f} | {one.note} |"
        for one in outcomes
        for figure, ours in one.ours.items()
    ]
    (directory / "reproduction.md").write_text(
        "\n".join(lines) + "\n", encoding="utf-8"
    )
    draw_table(outcomes, directory / "reproduction.png")


def draw_table(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draw ours beside the published figures, a panel a figure."""
    figures = [name for name in FIGURES if any(name in one.ours for one in outcomes)]
    picture = Figure(figsize=(5.4 * len(figures), 1.4 + 0.32 * len(outcomes)))
    picture.set_layout_engine("constrained")
    panels = picture.subplots(1, len(figures), squeeze=False)[0]
    for axes, figure in zip(panels, figures, strict=True):
        shown = [one for one in outcomes if figure in one.ours][::-1]
        names = [one.name for one in shown]
        axes.plot([one.published[figure] for one in shown], names, "k|", label="book")
        axes.plot([one.ours[figure] for one in shown], names, "o", label="ours")
        axes.set_xlabel(figure.replace("val_", "test ").replace("_", " "))
        axes.grid(alpha=0.3)
        axes.legend()
    picture.savefig(path, dpi=120)
