"""Figures of runs, named and written for people."""

from collections.abc import Iterable, Mapping
from typing import Any

PARTS = ("train", "validation", "test")
GAIN = ("accuracy",)
"""Figures of which more is better; of all others less is."""


def by_part(metrics: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The figures of each part of the data.

    Example:
    >>> by_part({"train_loss": 0.5, "test_loss": 0.7, "training_seconds": 9.0})
    {'train': {'loss': 0.5}, 'test': {'loss': 0.7}}
    """
    parts = {
        part: {
            name.removeprefix(f"{part}_"): value
            for name, value in metrics.items()
            if name.startswith(f"{part}_")
        }
        for part in PARTS
    }
    return {part: figures for part, figures in parts.items() if figures}


def write(name: str, value: Any) -> str:
    """A figure's value as text; what is no number as it is.

    Example:
    >>> write("test_accuracy", 0.98765), write("loss", 0.25), write("parameters", 44426)
    ('98.77 %', '0.2500', '44,426')
    """
    if type(value) not in (int, float):
        return str(value)
    if name.endswith("accuracy"):
        return f"{value:.2%}".replace("%", " %")
    if name.endswith("loss"):
        return f"{value:.4f}"
    if name.endswith("perplexity"):
        return f"{value:,.2f}"
    if name.endswith("seconds"):
        return f"{value:,.1f}"
    return f"{value:,}"


def best(name: str, values: Mapping[int, float], data: Mapping[int, str]) -> set[int]:
    """The runs that no run on the same data beats in a figure.

    Args:
        name: of the figure.
        values: of each run that has it, by the run's number.
        data: of each run.

    Returns:
        Their numbers; a run that is alone on its data is not among them.

    Example:
    >>> best("loss", {1: 0.5, 2: 0.7, 3: 0.1}, {1: "digits", 2: "digits", 3: "mnist"})
    {1}
    """
    winners: set[int] = set()
    for group in dict.fromkeys(data.values()):
        rivals = {run: values[run] for run in values if data[run] == group}
        if len(rivals) > 1:
            choose = max if name.endswith(GAIN) else min
            top = choose(rivals.values())
            winners |= {run for run, value in rivals.items() if value == top}
    return winners


def flatten(fields: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested fields side by side, as text.

    Example:
    >>> flatten({"epochs": 3, "clip": None, "text": {"steps": 35}})
    {'epochs': '3', 'clip': 'none', 'text.steps': '35'}
    """
    flat: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{name}.") or {prefix + name: "none"}
        else:
            flat[prefix + name] = "none" if value is None else str(value)
    return flat


def differing(recipes: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """The fields in which recipes differ, and what each recipe has there.

    Example:
    >>> differing([{"epochs": "3", "seed": "0"}, {"epochs": "5", "seed": "0"}])
    {'epochs': ['3', '5']}
    """
    recipes = list(recipes)
    names = dict.fromkeys(name for recipe in recipes for name in recipe)
    fields = {name: [one.get(name, "–") for one in recipes] for name in names}
    return {name: row for name, row in fields.items() if len({*row}) > 1}
