"""The Open Inference Protocol's extension for tensors as bytes."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from v2_http import ask_binary, binary, x

from kerasheet_serving.dtypes import V2_NAMES
from kerasheet_serving.v2.tensor import read_bytes, write_bytes


def test_bytes_go_in_and_out(v2):
    header = {
        "inputs": [binary(12)],
        "outputs": [{"name": "y", "parameters": {"binary_data": True}}],
    }
    content = struct.pack("<3f", 2, 3, 4)
    answer, document, found = ask_binary(v2, "M/versions/1", header, content)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert document == {
        "model_name": "M",
        "model_version": "1",
        "outputs": [
            {
                "name": "y",
                "datatype": "FP32",
                "shape": [3, 1],
                "parameters": {"binary_data_size": 12},
            }
        ],
    }
    assert struct.unpack("<3f", found) == (3.0, 3.5, 4.0)


def test_bytes_and_json_mix_and_are_in_the_order_of_the_tensors(v2):
    header = {
        "parameters": {"binary_data_output": True},
        "inputs": [
            binary(8, name="b", shape=[2]),
            binary(8, name="a", shape=[2]),
        ],
        "outputs": [
            {"name": "product"},
            {"name": "sum", "parameters": {"binary_data": False}},
        ],
    }
    content = struct.pack("<4f", 1, 2, 30, 40)
    _, document, found = ask_binary(v2, "ab", header, content)
    product, total_ = document["outputs"]
    assert product["parameters"] == {"binary_data_size": 8}
    assert total_["data"] == [31.0, 42.0]
    assert struct.unpack("<2f", found) == (30.0, 80.0)


def test_all_outputs_are_bytes_when_the_request_says_so(v2):
    header = {"parameters": {"binary_data_output": True}, "inputs": [x()]}
    _, _, found = ask_binary(v2, "M", header, b"")
    assert struct.unpack("<3f", found) == (3.0, 3.5, 4.0)


@pytest.mark.parametrize(
    ("inputs", "content", "message"),
    [
        (
            [binary(12)],
            b"12345678",
            "input 'x' has a 'binary_data_size' of 12, but 8 bytes are left in the "
            "request",
        ),
        (
            [binary(-1)],
            b"",
            "input 'x' has a 'binary_data_size' of -1, but 0 bytes are left in the "
            "request",
        ),
        (
            [binary("12")],
            b"",
            "'binary_data_size' of input 'x' must be a whole number, received \"12\"",
        ),
        (
            [binary(12)],
            b"1" * 16,
            "4 bytes follow the inputs of model 'M' and belong to none of them",
        ),
        ([binary(8)], b"1" * 8, "input 'x' of shape [3,1] needs 3 values, received 2"),
        (
            [binary(9)],
            b"1" * 9,
            "input 'x' has 9 bytes, the last of which are no whole FP32",
        ),
    ],
)
def test_bytes_that_do_not_fit_are_refused(v2, inputs, content, message):
    answer, document, _ = ask_binary(v2, "M", {"inputs": inputs}, content)
    assert (answer.status_code, document) == (400, {"error": message})


def test_text_that_is_not_utf_8_is_refused(v2):
    tensor = binary(5, datatype="BYTES", shape=[1, 1])
    answer, document, _ = ask_binary(v2, "BYTES", {"inputs": [tensor]}, b"\1\0\0\0\xff")
    assert answer.status_code == 400
    assert document["error"].startswith("Input 'x' must hold UTF-8 text")


TABLES = arrays.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=4)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("dtype", V2_NAMES)
@settings(max_examples=25)  # each a whole request
@given(data=st.data(), sent=st.booleans(), wanted=st.booleans())
def test_every_type_comes_back_as_it_went(v2, dtype, data, sent, wanted):
    """`sent` and `wanted` are whether as bytes."""
    kind, values = (object, TEXTS) if dtype == "str" else (dtype, None)
    array = data.draw(arrays.arrays(kind, TABLES, elements=values))
    name = V2_NAMES[dtype]
    content = write_bytes(array) if sent else b""
    how = (
        {"parameters": {"binary_data_size": len(content)}}
        if sent
        else {"data": array.tolist()}
    )
    header = {
        "inputs": [{"name": "x", "datatype": name, "shape": array.shape} | how],
        "parameters": {"binary_data_output": wanted},
    }
    answer, document, found = ask_binary(v2, name, header, content)
    assert answer.status_code == 200, answer.text
    (output,) = document["outputs"]
    assert (output["datatype"], output["shape"]) == (name, [*array.shape])
    if wanted:
        flat = read_bytes(found, dtype, "y")
        if dtype == "str":
            flat = [content.decode() for content in flat]
    else:
        flat = output["data"]
    values = np.array(flat, array.dtype).reshape(array.shape)
    np.testing.assert_array_equal(values, array)
