"""All that a training is, between two of its batches."""

import random
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from kerasheet.errors import RunError

Arrays = Mapping[str, np.ndarray]


class State(NamedTuple):
    """A training as it can be stored.

    Attributes:
        facts: what is JSON: epoch, step, figures so far.
        arrays: the rest, by names such as `"model/3"`.

    Example:
    >>> State({}, {"model/0": np.ones(1), "pass/total": np.zeros(1)}).part("pass")
    {'total': array([0.])}
    """

    facts: dict[str, Any]
    arrays: Arrays

    def part(self, name: str) -> dict[str, np.ndarray]:
        """The arrays whose names begin with this, under the rest of their names."""
        start = f"{name}/"
        return {
            key.removeprefix(start): value
            for key, value in self.arrays.items()
            if key.startswith(start)
        }


def read_arrays(
    model: keras.Model, callbacks: Iterable[keras.callbacks.Callback]
) -> dict[str, np.ndarray]:
    """Weights, the optimizer's and the metrics' variables, seeds, and chance itself.

    Of the callbacks those count that have `get_state` and `set_state`.
    """
    arrays = {f"model/{n}": np.array(v) for n, v in enumerate(_variables(model))}
    for number, callback in enumerate(callbacks):
        if hasattr(callback, "get_state"):
            for name, value in callback.get_state().items():
                arrays[f"callback/{number}/{name}"] = np.asarray(value)
    return arrays | _read_generators()


def write_arrays(
    arrays: Arrays,
    model: keras.Model,
    callbacks: Iterable[keras.callbacks.Callback],
) -> None:
    """Take what `read_arrays` gave.

    Raises:
        RunError: it is of another model.
    """
    state, variables = State({}, arrays), _variables(model)
    stored = state.part("model")
    values = [stored.get(str(number)) for number in range(len(variables))]
    shapes = [None if value is None else value.shape for value in values]
    if len(stored) != len(values) or shapes != [tuple(v.shape) for v in variables]:
        raise RunError(
            "The checkpoint was written by another version of kerasheet or Keras. "
            "Begin anew with --overwrite."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    for number, callback in enumerate(callbacks):
        if own := state.part(f"callback/{number}"):
            callback.set_state(own)
    _write_generators(state.part("chance"))


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Each once, in an order that depends on the model alone."""
    every = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return list({id(variable): variable for variable in every}.values())


def _read_generators() -> dict[str, np.ndarray]:
    """Python's and NumPy's global random numbers, which callbacks may draw from."""
    _, words, gauss = random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()
    return {
        "chance/python": np.array(words, np.uint32),
        "chance/python_gauss": np.array([] if gauss is None else [gauss]),
        "chance/numpy": np.array([*keys, position, has_gauss], np.uint32),
        "chance/numpy_gauss": np.array(cached),
    }


def _write_generators(arrays: Arrays) -> None:
    gauss = arrays["python_gauss"].tolist()
    random.setstate((3, tuple(arrays["python"].tolist()), gauss[0] if gauss else None))
    *keys, position, has_gauss = arrays["numpy"].tolist()
    cached = float(arrays["numpy_gauss"])
    np.random.set_state(("MT19937", keys, position, has_gauss, cached))
