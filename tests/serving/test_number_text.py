"""Numbers in answers, against TensorFlow Serving's rule written out for one number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasheet_serving.v1.number_text import number_texts

DIGITS = {np.float32: 9, np.float64: 17}


def written_by_the_rule(number):
    """`WriteDecimal` of tensorflow_serving/util/json_tensor.cc, line by line."""
    if np.isnan(number):
        return "NaN"
    if np.isinf(number):
        return "-Infinity" if np.signbit(number) else "Infinity"
    text = f"{number:g}"
    if type(number)(text) != number:
        text = f"{number:.{DIGITS[type(number)]}g}"
    if "." not in text and "e" not in text:
        text += ".0"
    return text


def test_numbers_of_the_protocol_s_own_example():
    array = np.array([9000000, 999999, 0.5, 0.0003, 0.00003, 555557.5], np.float32)
    assert number_texts(array) == [
        "9e+06",
        "999999.0",
        "0.5",
        "0.0003",
        "3e-05",
        "555557.5",
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (100000.0, "100000.0"),
        (1e6, "1e+06"),
        (1234567.0, "1234567.0"),
        (16777216.0, "16777216.0"),
        (4294967296.0, "4.2949673e+09"),
        (1 / 3, "0.333333343"),
        (-1 / 3, "-0.333333343"),
        (1e-45, "1.4013e-45"),
        (3.4028235e38, "3.40282347e+38"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_float32_is_written_as(number, text):
    assert number_texts(np.array([number], np.float32)) == [text]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1 / 3, "0.33333333333333331"),
        (2.0**53, "9007199254740992.0"),
        (123456789012345678.0, "1.2345678901234568e+17"),
        (5e-324, "4.94066e-324"),
    ],
)
def test_float64_is_written_as(number, text):
    assert number_texts(np.array([number])) == [text]


def test_a_signalling_nan_is_written_without_a_warning():
    array = np.array([0x7F800001], np.uint32).view(np.float32)
    assert number_texts(array) == ["NaN"]


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1))
def test_any_float32_is_written_by_the_rule(patterns):
    array = np.array(patterns, np.uint32).view(np.float32)
    assert number_texts(array) == [written_by_the_rule(number) for number in array]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1))
def test_any_float64_is_written_by_the_rule(patterns):
    array = np.array(patterns, np.uint64).view(np.float64)
    assert number_texts(array) == [written_by_the_rule(number) for number in array]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_short_decimals_and_their_neighbours_are_written_by_the_rule(dtype):
    decimals = [
        dtype(f"{digits}e{exponent}")
        for digits in (1, 15, 99999, 999999, 1000005, 123456, 500000.5)
        for exponent in range(-30, 25)
    ]
    array = np.array(
        [np.nextafter(d, dtype(s)) for d in decimals for s in (-np.inf, d, np.inf)]
    )
    assert array.dtype == dtype
    assert number_texts(array) == [written_by_the_rule(number) for number in array]


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1))
def test_every_float32_reads_back(numbers):
    array = np.array(numbers, np.float32)
    read = np.array([float(text) for text in number_texts(array)]).astype(np.float32)
    np.testing.assert_array_equal(read, array)


def test_a_tensor_is_written_in_row_major_order():
    assert number_texts(np.array([[1, 2], [3, 4]], np.float32).T) == [
        "1.0",
        "3.0",
        "2.0",
        "4.0",
    ]
