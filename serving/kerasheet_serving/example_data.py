"""`test_data_set_0` of a version: inputs, and the answers that a model must give."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument, RepositoryError
from kerasheet_serving.session import Session
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.tensor_proto import read_tensor_proto

DIRECTORY = "test_data_set_0"
TOLERANCE = 1e-4
"""Largest difference allowed: absolute, or relative to the largest value."""


def answer_examples(session: Session, directory: Path) -> bool:
    """Let a model answer its own test data.

    Args:
        session: of the model.
        directory: of its version.

    Returns:
        Whether there is any.

    Raises:
        RepositoryError: it cannot be read, or is answered differently.
    """
    place = directory / DIRECTORY
    if not place.is_dir():
        return False
    inputs = _tensors(place, "input", session.manifest.inputs)
    expected = _tensors(place, "output", session.manifest.outputs)
    try:
        outputs = session.run(inputs)
    except InvalidArgument as error:
        raise RepositoryError(f"{place} cannot be answered: {error}") from error
    for name, array in expected.items():
        difference = _difference(outputs[name], array)
        if not difference <= TOLERANCE:
            raise RepositoryError(
                f"{place} is answered differently: {name!r} is off by "
                f"{difference:.1e}, where {TOLERANCE:.0e} is allowed. "
                "Publish the model again with `kerasheet export`."
            )
    return True


def _tensors(place: Path, kind: str, specs: Iterable[TensorSpec]) -> dict[str, Array]:
    """Tensors by name; one whose name no spec has is told by its number."""
    ordered = [spec.name for spec in specs]
    found = {}
    for file_name in os.listdir(place):
        match = re.fullmatch(rf"{kind}_([0-9]{{1,9}})\.pb", file_name)
        if match is None:
            continue
        path, index = place / file_name, int(match[1])
        try:
            name, array = read_tensor_proto(path.read_bytes())
        except (OSError, RepositoryError) as error:
            raise RepositoryError(f"Cannot read {path}: {error}") from error
        if name not in ordered and index >= len(ordered):
            raise RepositoryError(
                f"{path} is {kind} {name!r} of the model, which has {ordered}."
            )
        found[name if name in ordered else ordered[index]] = array
    return found


def _difference(answer: Array, expected: Array) -> float:
    """Largest difference, the smaller of absolute and relative; infinite if unlike."""
    if answer.shape != expected.shape:
        return np.inf
    if expected.dtype.kind not in "fiub":
        return 0.0 if (answer == expected).all() else np.inf
    wide, other = answer.astype(np.float64), expected.astype(np.float64)
    same = (wide == other) | (np.isnan(wide) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        differences = np.where(same, 0, np.abs(wide - other))
    largest = float(np.max(np.abs(other[np.isfinite(other)]), initial=1.0))
    return float(np.max(differences, initial=0.0)) / largest
