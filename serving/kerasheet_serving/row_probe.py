"""Whether the rows that a model computes together leave each other alone."""

from collections.abc import Sequence

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.rows import Outputs, Run, row_count
from kerasheet_serving.specs import TensorSpec

_SIZES = (2, 32)  # tried for a dimension that varies; images need the larger
_TOLERANCE = {"float16": 1e-2}
_USUAL_TOLERANCE = 1e-4


def rows_are_independent(run: Run, inputs: Sequence[TensorSpec]) -> bool:
    """Try whether two requests get together what each gets alone.

    They do not if the first dimension is time, if something is normalised over the
    batch, or if a quantised model takes its scale from all it is given.

    Args:
        run: the model, of which `has_rows` is true.
        inputs: what it takes.

    Returns:
        False also if the model cannot compute what is tried.
    """
    for size in _SIZES:
        requests = [_request(inputs, rows, size) for rows in (1, 2)]
        try:
            alone = [run(request) for request in requests]
        except Exception:  # that size may be impossible
            continue
        if [row_count(outputs) for outputs in alone] != [1, 2]:
            return False
        try:
            together = run(_stacked(requests))
        except Exception:  # then it cannot be asked at once
            return False
        return _agree(together, _stacked(alone))
    return False


def _request(specs: Sequence[TensorSpec], rows: int, size: int) -> dict[str, Array]:
    """Random rows, of numbers from 0 to 1: those that stand for words must be few."""
    rng = np.random.default_rng(rows)
    request = {}
    for spec in specs:
        shape = [size if isinstance(s, str) else s for s in (rows, *spec.shape[1:])]
        values = rng.random(shape)
        if spec.dtype == "str":
            request[spec.name] = np.where(values < 0.5, "a", "b").astype(object)
        else:
            whole = np.dtype(spec.dtype).kind != "f"
            array = np.rint(values) if whole else values
            request[spec.name] = array.astype(spec.dtype)
    return request


def _stacked(parts: Sequence[Outputs]) -> Outputs:
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _agree(together: Outputs, alone: Outputs) -> bool:
    return all(_close(together[name], array) for name, array in alone.items())


def _close(found: Array, expected: Array) -> bool:
    if found.shape != expected.shape or expected.dtype.kind != "f":
        return np.array_equal(found, expected)
    finite = np.abs(expected[np.isfinite(expected)])
    largest = float(finite.max(initial=0))
    tolerance = _TOLERANCE.get(expected.dtype.name, _USUAL_TOLERANCE) * largest
    return np.allclose(found, expected, rtol=0, atol=tolerance, equal_nan=True)
