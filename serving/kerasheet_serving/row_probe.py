"""Whether the rows that a model computes together leave each other alone."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.rows import Outputs, Run, row_count
from kerasheet_serving.specs import TensorSpec

_SIZES = (2, 32)  # tried for a dimension that varies; images need the larger
_LARGEST_WHOLE = (1000, 100, 10, 1)  # tried in turn: those that stand for words are few
_LARGEST = 100.0
_TOLERANCE = {"float16": 1e-2}
_USUAL_TOLERANCE = 1e-4


def rows_are_independent(run: Run, inputs: Sequence[TensorSpec]) -> bool:
    """Try whether two requests get together what each gets alone.

    They do not if the first dimension is time, if something is normalised over the
    batch, or if a quantised model takes its scale from all it is given. So the numbers
    of one request lie between 0 and 1, some of the other far away.

    Args:
        run: the model, of which `has_rows` is true.
        inputs: what it takes.

    Returns:
        False also if the model cannot compute what is tried.
    """
    for size, most in product(_SIZES, _LARGEST_WHOLE):
        near, far = _row(inputs, size, 1, 1.0), _row(inputs, size, most, _LARGEST)
        requests = [near, _stacked([_row(inputs, size, 1, 1.0, seed=2), far])]
        try:
            alone = [run(request) for request in requests]
        except Exception:  # that size, or such a number, may be impossible
            continue
        try:
            together = run(_stacked(requests))
        except Exception:  # then it cannot be asked at once
            return False
        counts = [row_count(outputs) for outputs in (*alone, together)]
        if counts != [1, 2, 3]:
            return False
        parts = _rows(together, 0, 1), _rows(together, 1, 3)
        return all(map(_agree, parts, alone))
    return False


def _row(
    specs: Sequence[TensorSpec], size: int, whole: int, most: float, seed: int = 1
) -> dict[str, Array]:
    """One row of random numbers, up to these, and below 0 if that is more than 1."""
    rng = np.random.default_rng(seed)
    row = {}
    for spec in specs:
        shape = [size if isinstance(s, str) else s for s in (1, *spec.shape[1:])]
        values = rng.random(shape)
        if spec.dtype == "str":
            row[spec.name] = np.where(values < 0.5, "a", "b").astype(object)
        elif np.dtype(spec.dtype).kind == "f":
            lowest = -most if most > 1 else 0
            row[spec.name] = (lowest + values * (most - lowest)).astype(spec.dtype)
        else:
            limit = 1 if spec.dtype == "bool" else np.iinfo(spec.dtype).max
            row[spec.name] = np.rint(values * min(whole, limit)).astype(spec.dtype)
    return row


def _stacked(parts: Sequence[Outputs]) -> Outputs:
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _rows(outputs: Outputs, start: int, end: int) -> Outputs:
    return {name: array[start:end] for name, array in outputs.items()}


def _agree(together: Outputs, alone: Outputs) -> bool:
    return all(_close(together[name], array) for name, array in alone.items())


def _close(found: Array, expected: Array) -> bool:
    if found.shape != expected.shape or expected.dtype.kind != "f":
        return np.array_equal(found, expected)
    finite = np.abs(expected[np.isfinite(expected)])
    largest = float(finite.max(initial=0))
    tolerance = _TOLERANCE.get(expected.dtype.name, _USUAL_TOLERANCE) * largest
    return np.allclose(found, expected, rtol=0, atol=tolerance, equal_nan=True)
