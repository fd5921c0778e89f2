"""Floating-point numbers as TensorFlow Serving writes them into JSON."""

import struct
from collections.abc import Iterable

import numpy as np

from kerasheet_serving.dtypes import Array

_POWERS = np.array([float(f"1e{n}") for n in range(23)])  # every one exact
_SHORT_DIGITS = 6
_FEW = 64  # numbers, for which NumPy's calls would take longer than writing them twice
_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_FULL_DIGITS = {"float32": 9, "float64": 17}


def number_texts(array: Array) -> list[str]:
    """Write every number of a float32 or float64 array.

    A number is written with 6 significant digits (C's `%g`) if that reads back as the
    same number, else with as many as always do. Whole numbers not in scientific
    notation get `.0`.

    >>> number_texts(np.array([9000000, 999999, 0.5, 0.00003, 1 / 3], np.float32))
    ['9e+06', '999999.0', '0.5', '3e-05', '0.333333343']
    """
    flat = array.ravel()
    if flat.size <= _FEW:
        return _few_texts(flat.tolist(), array.dtype.char == "f")
    with np.errstate(invalid="ignore"):  # raised by a signalling NaN
        values = flat.astype(np.float64)
    magnitude = np.abs(values)
    digits = _FULL_DIGITS[array.dtype.name]
    easy = (magnitude >= 1e-16) & (magnitude < 1e21)
    short = _reads_back_from_six_digits(np.where(easy, flat, 1))
    plain = magnitude < np.where(short, 10.0**_SHORT_DIGITS, 10.0**digits)
    whole = plain & (np.rint(values) == values)
    choice = np.where(whole, 0, np.where(short, 1, 2)).tolist()
    formats = ("%.1f", f"%.{_SHORT_DIGITS}g", f"%.{digits}g")
    template = " ".join([formats[index] for index in choice])
    texts = (template % tuple(values.tolist())).split()
    for index in np.flatnonzero(~easy & (values != 0)).tolist():
        texts[index] = _number_text(flat[index], digits)
    return texts


def _few_texts(values: list[float], single: bool) -> list[str]:
    """Write some numbers with 6 digits, and again those that do not read back."""
    texts = (f"%.{_SHORT_DIGITS}g " * len(values) % tuple(values)).split()
    read: Iterable[float] = map(float, texts)
    if single:
        layout = f"{len(values)}f"
        read = struct.unpack(layout, struct.pack(layout, *read))
    full = f"%.{_FULL_DIGITS['float32' if single else 'float64']}g"
    return [
        _ended(text if back == value else full % value)
        for text, back, value in zip(texts, read, values, strict=True)
    ]


def _ended(text: str) -> str:
    return text if "." in text or "e" in text else _WORDS.get(text) or f"{text}.0"


def _reads_back_from_six_digits(numbers: Array) -> Array:
    """Whether each number, from 1e-16 up to 1e21, survives rounding to six digits.

    The powers of ten are exact there, so one division yields the number nearest to
    the decimal, which is what reading the text would. Where `scaled` is rounded to the
    wrong side of a tie, neither side reads back.
    """
    values = numbers.astype(np.float64)
    shift = _SHORT_DIGITS - 1 - np.floor(np.log10(np.abs(values))).astype(np.int64)
    power = _POWERS[np.abs(shift)]
    scaled = np.rint(np.where(shift >= 0, values * power, values / power))
    read = np.where(shift >= 0, scaled / power, scaled * power)
    reads_back: Array = read.astype(numbers.dtype) == numbers
    return reads_back


def _number_text(number: np.floating, digits: int) -> str:
    """The same rule for one number, however small, large or not a number."""
    if not np.isfinite(number):
        return "NaN" if np.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    text = f"{float(number):.{_SHORT_DIGITS}g}"
    if type(number)(text) != number:
        text = f"{float(number):.{digits}g}"
    return text
