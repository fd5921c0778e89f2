"""What several parts of a language model ask of their arguments."""

import numpy as np
from numpy.typing import ArrayLike

from kerasheet.errors import DataError, unknown
from kerasheet.language.tokens import SEPARATORS


def check_unit(unit: str) -> None:
    """Refuse a unit that is not one of `SEPARATORS`."""
    if unit not in SEPARATORS:
        raise DataError(unknown("unit", unit, SEPARATORS))


def check_count(name: str, value: int, hint: str) -> None:
    """Refuse anything but a positive int."""
    if type(value) is not int or value < 1:
        raise DataError(f"{name} is a positive int. Received: {value!r}. {hint}.")


def check_ids(owner: str, ids: ArrayLike, size: int) -> np.ndarray:
    """A row of ids from 0 to `size` - 1, as int64; anything else is refused."""
    array = np.asarray(ids)
    refuse_other_ids(owner, array, size)
    return array.astype(np.int64)


def refuse_other_ids(owner: str, array: np.ndarray, size: int) -> None:
    """Refuse all but a row of ids from 0 to `size` - 1, without a copy of it."""
    if array.shape == (0,):
        return
    received = f"{array.dtype} of shape {array.shape}"
    if array.ndim == 1 and array.dtype.kind in "iu":
        low, high = int(array.min()), int(array.max())
        if low >= 0 and high < size:
            return
        received = f"id {low if low < 0 else high}"
    raise DataError(
        f"{owner} takes a row of ids from 0 to {size - 1}. Received: {received}. "
        "Encode the text with the vocabulary it belongs to."
    )
