"""JSON values into arrays: the protocol's types, its refusals, and the fast path."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasheet_serving.errors import InvalidArgument, Unimplemented
from kerasheet_serving.json_document import parse_object
from kerasheet_serving.v1.json_tensor import _read_any, read_regular, read_tensor

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"]


def parsed(text):
    return parse_object(f'{{"value": {text}}}'.encode())["value"]


@pytest.mark.parametrize(
    ("text", "dtype", "expected"),
    [
        ("1", "float32", np.float32(1)),
        ("[1, 2.5, -3e2]", "float32", np.float32([1, 2.5, -300])),
        ("[NaN, Infinity, -Infinity]", "float32", np.float32(["nan", "inf", "-inf"])),
        ("[16777215, -16777215]", "float32", np.float32([16777215, -16777215])),
        ("[3.4028234663852886e38]", "float32", np.float32([3.4028235e38])),
        ("[9007199254740991]", "float64", np.float64([9007199254740991])),
        # Beyond 64 bits a whole number is read as a decimal, which is always rounded.
        ("[100000000000000000000]", "float64", np.float64([1e20])),
        ("[]", "float32", np.zeros(0, np.float32)),
        ("[[], []]", "float32", np.zeros((2, 0), np.float32)),
        ("[[[1], [2]]]", "int64", np.array([[[1], [2]]])),
        ("[18446744073709551615]", "uint64", np.array([2**64 - 1], np.uint64)),
        ("[true, false]", "bool", np.array([True, False])),
        ('["a", "é"]', "str", np.array(["a", "é"], object)),
        ('[{"b64": "aGVsbG8="}, "a"]', "str", np.array([b"hello", "a"], object)),
        ('{"b64": " aGV\\nsbG8 "}', "str", np.array(b"hello", object)),
    ],
)
def test_reads(text, dtype, expected):
    array = read_tensor(parsed(text), dtype)
    np.testing.assert_array_equal(array, expected)
    assert array.dtype == expected.dtype
    assert array.shape == expected.shape


@pytest.mark.parametrize("dtype", INTEGERS)
def test_reads_the_extremes_of_integers_and_refuses_what_lies_beyond(dtype):
    limits = np.iinfo(dtype)
    extremes = [int(limits.min), int(limits.max)]
    np.testing.assert_array_equal(
        read_tensor(extremes, dtype), np.array(extremes, dtype)
    )
    for beyond in (extremes[0] - 1, extremes[1] + 1):
        with pytest.raises(InvalidArgument) as error:
            read_tensor([beyond], dtype)
        assert str(error.value) == (
            f"JSON Value: {beyond} Type: Number is not of expected type: {dtype}"
        )


@pytest.mark.parametrize(
    ("text", "dtype", "message"),
    [
        (
            '"x"',
            "float32",
            'JSON Value: "x" Type: String is not of expected type: float',
        ),
        (
            "null",
            "float32",
            "JSON Value: null Type: Null is not of expected type: float",
        ),
        (
            "true",
            "float32",
            "JSON Value: true Type: True is not of expected type: float",
        ),
        (
            "false",
            "int64",
            "JSON Value: false Type: False is not of expected type: int64",
        ),
        ("1.0", "int32", "JSON Value: 1.0 Type: Number is not of expected type: int32"),
        ("1", "bool", "JSON Value: 1 Type: Number is not of expected type: bool"),
        ("1", "str", "JSON Value: 1 Type: Number is not of expected type: string"),
        (
            '{"x": 1}',
            "float64",
            'JSON Value: {"x": 1} Type: Object is not of expected type: double',
        ),
        (
            '{"b64": 1}',
            "str",
            'JSON Value: {"b64": 1} not formatted correctly for base64 data',
        ),
        (
            '{"b64": "aGk=", "x": 1}',
            "str",
            'JSON Value: {"b64": "aGk=", "x": 1} not formatted correctly for base64 '
            "data",
        ),
        ('{"b64": "?"}', "str", "Unable to base64 decode"),
        ('{"b64": "a"}', "str", "Unable to base64 decode"),
        ('{"b64": "é"}', "str", "Unable to base64 decode"),
        (
            "[16777216]",
            "float32",
            "Cannot convert JSON value: 16777216 to float without loss of precision.",
        ),
        (
            "[3.5e38]",
            "float32",
            "Cannot convert JSON value: 3.5e+38 to float without loss of precision.",
        ),
        (
            "[9007199254740993]",
            "float64",
            "Cannot convert JSON value: 9007199254740993 to double without loss of "
            "precision.",
        ),
        (
            "[1e999]",
            "float32",
            "JSON Parse error: Number too big to be stored in double.",
        ),
        (
            "[-1e999]",
            "float64",
            "JSON Parse error: Number too big to be stored in double.",
        ),
        (
            f"[{'9' * 400}]",
            "float32",
            "JSON Parse error: Number too big to be stored in double.",
        ),
        (
            "[[1, 2], [3]]",
            "float32",
            "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        ),
        (
            "[[1], 2]",
            "float32",
            "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. "
            "Expected at level: 2",
        ),
        ("[1, [2]]", "float32", "Encountered list at unexpected level: 1 expected < 1"),
        (
            "[" * 65 + "]" * 65,
            "float32",
            "Encountered 65 levels of lists, more than the 64 dimensions a tensor can "
            "have",
        ),
    ],
)
def test_refuses(text, dtype, message):
    with pytest.raises(InvalidArgument) as error:
        read_tensor(parsed(text), dtype)
    assert str(error.value) == message


@pytest.mark.parametrize(("dtype", "name"), [("float16", "half"), ("uint16", "uint16")])
def test_says_which_types_the_protocol_does_not_carry(dtype, name):
    with pytest.raises(Unimplemented) as error:
        read_tensor([1], dtype)
    assert str(error.value) == f"Conversion of JSON Value: 1 to type: {name}"


def test_reads_as_many_levels_as_a_tensor_can_have():
    assert read_tensor(parsed("[" * 64 + "1" + "]" * 64), "float32").ndim == 64


LEAVES = st.one_of(
    st.integers(-(2**65), 2**65),
    st.floats(width=32),
    st.floats(),
    st.booleans(),
    st.sampled_from(["", "a", None, {"b64": "aGk="}]),
)
NESTED = st.recursive(LEAVES, lambda child: st.lists(child, max_size=3), max_leaves=8)
ALIKE = st.one_of(
    *(
        st.lists(st.lists(leaf, min_size=2, max_size=2), max_size=4)
        for leaf in (st.integers(-300, 300), st.floats(width=32), st.booleans())
    )
)


@given(
    st.one_of(NESTED, ALIKE),
    st.sampled_from([*INTEGERS, "float32", "float64", "bool", "str"]),
)
def test_the_fast_path_gives_what_reading_leaf_by_leaf_gives(value, dtype):
    value = parsed(json.dumps(value))
    fast = read_regular(value, dtype)
    if fast is not None:
        slow = _read_any(value, dtype)
        np.testing.assert_array_equal(fast, slow)
        assert (fast.dtype, fast.shape) == (slow.dtype, slow.shape)


@given(NESTED, st.sampled_from(["int8", "float32", "bool", "str"]))
def test_whatever_is_sent_is_read_or_refused(value, dtype):
    with contextlib.suppress(InvalidArgument):
        read_tensor(parsed(json.dumps(value)), dtype)
