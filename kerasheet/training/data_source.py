"""How a recipe names its data."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasheet.data import DATA, Dataset, load_images

if TYPE_CHECKING:
    from kerasheet.training.recipe import Recipe

VALIDATION = 0.1
"""Share of the training samples of a person's own data that is held out."""


def absolute(data: str, known: Iterable[str]) -> str:
    """A known name as it is, and the path of something that exists made absolute.

    Example:
    >>> absolute("digits", ["digits"]), absolute("/a/../b", ["digits"])
    ('digits', '/a/../b')
    """
    if data in known or not Path(data).exists():
        return data
    return str(Path(data).absolute())


def read_images(recipe: "Recipe") -> Dataset:
    """The images of a recipe, in train, test and, unless that stands in, validation.

    Raises:
        DataError: they cannot be had.
    """
    data = load_images(recipe.data, recipe.size)
    if recipe.samples is not None:
        data = _some(data, recipe.samples)
    share = recipe.validation
    if share is None and recipe.data not in DATA:
        share = VALIDATION
    return data if share is None else data.split(share)


def _some(data: Dataset, samples: int) -> Dataset:
    """So many samples of each part, the same each time, in their order."""
    parts: dict[str, Any] = {}
    sources = dict(data.sources)
    for name, part in (("train", data.train), ("test", data.test)):
        order = np.random.RandomState(0).permutation(len(part.y))
        rows = np.sort(order[:samples])
        parts[name], sources[name] = part.subset(rows), data.sources[name][rows]
    return dataclasses.replace(data, sources=sources, **parts)
