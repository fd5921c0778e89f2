"""Data of tensors in the Open Inference Protocol."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kerasheet_serving.dtypes import ONNX_NAMES, V2_NAMES
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import parse_object
from kerasheet_serving.v2.tensor import read_bytes, read_json, write_bytes, write_json

SHAPES = arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
NUMBERS = [dtype for dtype in V2_NAMES if dtype != "str"]
TEXTS = st.lists(st.text(), max_size=8)


def parsed(text):
    return parse_object(f'{{"data":{text}}}'.encode())["data"]


def refusal(read, *arguments):
    with pytest.raises(InvalidArgument) as error:
        read(*arguments, "input 'x'")
    return str(error.value)


def test_every_type_that_is_served_has_a_name():
    assert V2_NAMES.keys() == ONNX_NAMES.keys()


@pytest.mark.parametrize("dtype", NUMBERS)
@given(data=st.data())
def test_numbers_come_back_from_json_and_from_bytes(dtype, data):
    array = data.draw(arrays.arrays(dtype, SHAPES))
    flat = read_json(parsed(write_json(array)), dtype, "x")
    assert flat.dtype == dtype
    np.testing.assert_array_equal(flat, array.ravel())
    nested = read_json(parsed(json.dumps(array.tolist())), dtype, "x")
    np.testing.assert_array_equal(nested, array.reshape(nested.shape))
    read = read_bytes(write_bytes(array), dtype, "x")
    assert (read.dtype, read.tobytes()) == (array.dtype, array.tobytes())
    assert read.flags.aligned


@given(TEXTS)
def test_strings_come_back_from_json_and_from_bytes(texts):
    array = np.array([*texts, ""], object)[: len(texts)]
    assert read_json(parsed(write_json(array)), "str", "x").tolist() == texts
    read = read_bytes(write_bytes(array), "str", "x").tolist()
    assert [content.decode() for content in read] == texts


@given(st.lists(st.binary(), max_size=8))
def test_strings_of_any_bytes_come_back(contents):
    array = np.array([*contents, b""], object)[: len(contents)]
    assert read_bytes(write_bytes(array), "str", "x").tolist() == contents


def test_bytes_are_little_endian_in_row_major_order():
    array = np.array([[1, 2], [3, 4]], np.int16).T
    assert write_bytes(array) == struct.pack("<4h", 1, 3, 2, 4)
    assert write_bytes(array.astype(">i2")) == struct.pack("<4h", 1, 3, 2, 4)
    assert write_bytes(np.array([True, False])) == b"\1\0"
    assert write_bytes(np.array(["hé"], object)) == b"\3\0\0\0h\xc3\xa9"


def test_what_is_no_number_is_written_without_quotes():
    array = np.array([np.nan, np.inf, -np.inf, 0.1], np.float32)
    assert write_json(array) == "[NaN,Infinity,-Infinity,0.10000000149011612]"


@pytest.mark.parametrize(
    ("text", "dtype", "wrong", "name"),
    [
        ("[1.0, true]", "float32", "true", "FP32"),
        ('["1"]', "float64", '"1"', "FP64"),
        ("[null]", "float16", "null", "FP16"),
        ("[1, 1e39]", "float32", "1e+39", "FP32"),
        ("[70000]", "float16", "70000", "FP16"),
        ("[1e999]", "float64", "Infinity", "FP64"),
        (f"[1, -{10**400}]", "float64", f"-1{'0' * 198}...", "FP64"),
        ("[1, 2.0]", "int32", "2.0", "INT32"),
        ("[1, 128]", "int8", "128", "INT8"),
        ("[-1]", "uint64", "-1", "UINT64"),
        ("[true]", "uint8", "true", "UINT8"),
        ("[1]", "bool", "1", "BOOL"),
        ('["a", 1]', "str", "1", "BYTES"),
        ("[1.0, [2.0]]", "float32", "[2.0]", "FP32"),
    ],
)
def test_a_value_of_another_type_is_refused(text, dtype, wrong, name):
    expected = f"input 'x' has {wrong}, which is no {name}"
    assert refusal(read_json, parsed(text), dtype) == expected


def test_lists_of_different_lengths_are_refused():
    assert refusal(read_json, [[1], [2, 3]], "float32") == (
        "input 'x' has lists of different lengths: [[1], [2, 3]]"
    )


def test_more_levels_than_a_tensor_has_dimensions_are_refused():
    data = 1
    for _ in range(65):
        data = [data]
    message = "input 'x' has 65 levels of lists"
    assert refusal(read_json, data, "float32") == message


@pytest.mark.parametrize(
    ("content", "dtype", "name"),
    [
        (b"123", "float32", "FP32"),
        (b"1234567", "int64", "INT64"),
        (b"\1\0\0", "str", "BYTES"),
        (b"\2\0\0\0a", "str", "BYTES"),
        (b"\xff\xff\xff\xffa", "str", "BYTES"),
        (b"\1\0\0\0ab", "str", "BYTES"),
    ],
)
def test_bytes_that_end_within_a_value_are_refused(content, dtype, name):
    assert refusal(read_bytes, content, dtype) == (
        f"input 'x' has {len(content)} bytes, the last of which are no whole {name}"
    )


@pytest.mark.parametrize("dtype", V2_NAMES)
@given(content=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(dtype, content):
    try:
        array = read_bytes(content, dtype, "x")
    except InvalidArgument:
        return
    assert array.ndim == 1
