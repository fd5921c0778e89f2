"""All that a report says about one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from kerasheet.errors import DataError
from kerasheet.report.chart import Chart, draw_chart, history_lines, thin
from kerasheet.report.cost import LayerCost, layer_costs
from kerasheet.report.figures import by_part, flatten
from kerasheet.report.first_layer import first_filters
from kerasheet.report.mistakes import Mistakes, find_mistakes
from kerasheet.report.picture import sheet_uri
from kerasheet.report.writing import Writing, let_write
from kerasheet.training import Run

MOST_EPOCHS = 50
"""Rows of a table of epochs."""

MOST_FILTERS = 64


@dataclass(frozen=True)
class Filters:
    """Of the first layer.

    Attributes:
        picture: address of a picture of those shown.
        shown: how many these are.
        total: how many there are.
        size: rows, columns and channels of each.
    """

    picture: str
    shown: int
    total: int
    size: tuple[int, int, int]


@dataclass(frozen=True)
class Chapter:
    """A run, as a report shows it.

    Attributes:
        number: of the run in the report, from 1.
        name: of the run.
        run: the run itself.
        history: per figure one value an epoch.
        layers: of the model.
        filters: of the first layer; None if they are no images.
        mistakes: on the test images; None for a language model, or without data.
        writing: of a language model; None for images.
        problem: why there are no mistakes to show, if there should be.
    """

    number: int
    name: str
    run: Run
    history: dict[str, list[float]]
    layers: list[LayerCost]
    filters: Filters | None
    mistakes: Mistakes | None
    writing: Writing | None
    problem: str

    @property
    def parts(self) -> dict[str, dict[str, float]]:
        """Figures of each part of the data."""
        return by_part(self.run.metrics)

    @property
    def recipe(self) -> dict[str, str]:
        """All fields, as text."""
        return flatten(self.run.recipe.to_json())

    @property
    def parameters(self) -> int:
        """Of the whole model."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Of the whole model, for one sample."""
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def sample(self) -> str:
        """What the model's cost is counted for."""
        return "token" if self.writing else "image"

    @property
    def figures(self) -> list[str]:
        """Names of the figures in the history, each once, the loss first."""
        names = dict.fromkeys(name.removeprefix("val_") for name in self.history)
        return sorted(names, key="loss".__ne__)

    @property
    def charts(self) -> list[Chart]:
        """A chart per figure."""
        return [
            draw_chart(name, history_lines(self.history, name)) for name in self.figures
        ]

    @property
    def epochs(self) -> list[tuple[int, list[float]]]:
        """The history in rows, not all of them if it is long: epoch and figures."""
        rows = list(zip(*self.history.values(), strict=True))
        return [
            (index + 1, list(rows[index])) for index in thin(len(rows), MOST_EPOCHS)
        ]


def read_chapters(runs: Sequence[Run], samples: int) -> list[Chapter]:
    """Load every run's model, and find out what there is to say.

    Args:
        runs: the runs.
        samples: mistakes to show of each.

    Raises:
        RunError: a file of a run is damaged.
    """
    names = _names([run.path for run in runs])
    return [_read(*numbered, samples) for numbered in zip(count(1), names, runs)]


def _read(number: int, name: str, run: Run, samples: int) -> Chapter:
    model = run.load_model()
    history = run.history()
    history.pop("epoch", None)
    mistakes, problem, filters, writing = None, "", None, None
    layers = layer_costs(model)
    if run.vocabulary is not None:
        writing = let_write(model, run.vocabulary)
    else:
        weights = first_filters(model)
        filters = None if weights is None else _filters(weights)
        try:
            mistakes = find_mistakes(run, model, samples)
        except DataError as error:
            problem = str(error)
    return Chapter(
        number, name, run, history, layers, filters, mistakes, writing, problem
    )


def _filters(weights: np.ndarray) -> Filters:
    shown = weights[:MOST_FILTERS]
    return Filters(sheet_uri(shown), len(shown), len(weights), weights.shape[1:])


def _names(paths: Sequence[Path]) -> list[str]:
    """The directories' own names, or whole paths where two are the same."""
    names = [path.resolve().name for path in paths]
    return names if len({*names}) == len(names) else [str(path) for path in paths]
