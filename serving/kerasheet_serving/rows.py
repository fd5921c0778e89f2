"""Requests put together row by row into one batch, and their answers taken apart."""

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.onnx_graph import UNNAMED
from kerasheet_serving.specs import TensorSpec

Inputs = Mapping[str, Array]
Outputs = dict[str, Array]
Run = Callable[[Inputs], Outputs]


def has_rows(inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> bool:
    """Whether the tensors of a model may have a row for each of several requests.

    The first dimension of all of them must vary and have one name, which no other
    dimension has. Whether rows leave each other alone is for `rows_are_independent`.
    """
    specs = (*inputs, *outputs)
    firsts = {spec.shape[0] if spec.shape else None for spec in specs}
    first = firsts.pop() if inputs and len(firsts) == 1 else None
    if first == UNNAMED:
        return True
    return isinstance(first, str) and all(first not in s.shape[1:] for s in specs)


def row_count(inputs: Inputs) -> int | None:
    """Rows of a request; None if its arrays disagree or have none."""
    counts = {array.shape[0] if array.ndim else None for array in inputs.values()}
    return counts.pop() if len(counts) == 1 else None


def row_kind(inputs: Inputs) -> Hashable:
    """What two requests share if their arrays can be put together, as they are."""
    return frozenset(
        (name, array.dtype.str, array.shape[1:]) for name, array in inputs.items()
    )


def run_together(run: Run, requests: Sequence[Inputs]) -> list[Outputs | Exception]:
    """Answer requests of one kind by running the model once.

    If that fails, or gives other than a row for a row, every request is run by itself:
    an error is the answer of the request that causes it, and of no other.

    Args:
        run: the model.
        requests: with rows, and of the same `row_kind` if there are several.

    Returns:
        The outputs of every request, or its error. They share memory.
    """
    if len(requests) > 1:
        answers = _run_at_once(run, requests)
        if answers is not None:
            return answers
    return [_run_alone(run, inputs) for inputs in requests]


def _run_at_once(
    run: Run, requests: Sequence[Inputs]
) -> list[Outputs | Exception] | None:
    sizes = [row_count(inputs) or 0 for inputs in requests]
    try:
        outputs = run(
            {
                name: np.concatenate([inputs[name] for inputs in requests])
                for name in requests[0]
            }
        )
        if row_count(outputs) != sum(sizes):
            return None
    except Exception:  # whose it is shows when each is run alone
        return None
    ends = np.cumsum(sizes).tolist()
    return [
        {name: array[end - size : end] for name, array in outputs.items()}
        for size, end in zip(sizes, ends, strict=True)
    ]


def _run_alone(run: Run, inputs: Inputs) -> Outputs | Exception:
    try:
        return run(inputs)
    except Exception as error:  # raised again where the request waits
        return error
