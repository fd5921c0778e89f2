"""Lists of numbers read at once, against the parser of all other bodies."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kerasheet_serving.errors import ServingError
from kerasheet_serving.json_document import parse_object
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v1.call import Question
from kerasheet_serving.v1.json_lists import read_lists

SIGNATURE = "serving_default"
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-(2**24) - 2, 2**24 + 2),
    st.floats(allow_nan=True),
    st.sampled_from(["1E5", "-0", "-0.0", "1e-400", "1e400", "0.1e+2"]).map(float),
)
VALUES = st.recursive(
    st.one_of(NUMBERS, NUMBERS, st.booleans(), st.none(), st.text(max_size=2)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=12,
)
MEMBERS = st.lists(
    st.tuples(
        st.sampled_from(["instances", "inputs", "signature_name", "other"]),
        st.one_of(VALUES, st.just(SIGNATURE)),
    ),
    max_size=3,
)


@pytest.mark.parametrize(
    ("text", "name", "shape"),
    [
        ('{"instances": [1, 2.5, -3e2]}', "instances", (3,)),
        (' {"inputs" :[[[1],[2]],\n[[3],[4]]]}\t', "inputs", (2, 2, 1)),
        (
            '{"instances": [[5]], "signature_name": "serving_default"}',
            "instances",
            (1, 1),
        ),
        ('{"signature_name": "serving_default", "inputs": [1]}', "inputs", (1,)),
        ('{"in\\u0073tances": [[1, 2]]}', "instances", (1, 2)),
    ],
)
def test_reads_regular_lists_of_numbers(text, name, shape):
    read, numbers = read_lists(text.encode(), SIGNATURE)
    assert read == name
    assert numbers.dtype == np.float64
    assert numbers.tolist() == parse_object(text.encode())[read]
    assert numbers.shape == shape


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "[1]",
        "{}",
        '{"instances": 5}',
        '{"instances": []}',
        '{"instances": [[], []]}',
        '{"instances": [[1], []]}',
        '{"instances": [[1, 2], [3]]}',
        '{"instances": [[1], 2]}',
        '{"instances": [1, [2]]}',
        '{"instances": [[[1], [2]], [[3]]]}',
        '{"instances": [1, true]}',
        '{"instances": [1, null]}',
        '{"instances": [1, "[2]"]}',
        '{"instances": [{"x": [1]}]}',
        '{"instances": [NaN]}',
        '{"instances": [1e400]}',
        '{"instances": [01]}',
        '{"instances": [1.]}',
        '{"instances": [1,]}',
        '{"instances": [100000000000000000000]}',
        '{"instances": [1]} x',
        '{"instances": [1], "instances": [2]}',
        '{"instances": [1], "inputs": [2]}',
        '{"instances": [1], "other": [2]}',
        '{"instances": [1], "signature_name": "[other]"}',
        '{"instances": [1], "signature_name": 5}',
        '{"instances": [1], "signature_name": "serving_default", "other": 1}',
        f'{{"instances": {"[" * 65}1{"]" * 65}}}',
        f'{{"instances": {"[" * 5000}1{"]" * 5000}}}',
        f'{{"instances": [{"1," * 2**23}1]}}',
    ],
    ids=lambda text: text[:60],
)
def test_leaves_everything_else_to_the_parser(text):
    assert read_lists(text.encode(), SIGNATURE) is None


def outcome(call):
    """The tensor's bytes, or the whole error."""
    try:
        inputs = call()
    except ServingError as error:
        return str(error)
    return [(a.dtype.str, a.shape, a.tobytes()) for a in inputs.values()]


def spaced(members, gap):
    """JSON of an object whose members may have the same name."""
    texts = (f"{json.dumps(name)}:{gap}{json.dumps(value)}" for name, value in members)
    return f"{{{gap}{f',{gap}'.join(texts)}}}{gap}".encode()


@given(
    MEMBERS, st.sampled_from(["", " ", "\n\t"]), st.sampled_from(["float32", "int32"])
)
@example([("instances", [16777215.0, 16777216])], "", "float32")
@example([("instances", [3.4e38])], "", "float32")
@example([("instances", [3.5e38])], "", "float32")
@example([("instances", [[0.1], [-0.0]])], " ", "float32")
def test_a_request_is_read_or_refused_as_without_the_short_way(members, gap, dtype):
    manifest = Manifest("m", 1, (TensorSpec("x", dtype, ("batch",)),), ())
    body = spaced(members, gap)

    def read(sent):
        return Question("predict", sent).call(manifest, 2**20).inputs

    # What follows the object is ignored, but the short way does not take it.
    assert outcome(lambda: read(body)) == outcome(lambda: read(body + b" x"))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(1, 2))
def test_every_number_is_read_to_the_last_bit(numbers, factor):
    numbers = [number * factor for number in numbers]
    body = json.dumps({"instances": numbers}).encode()
    assert read_lists(body, SIGNATURE)[1].tobytes() == np.array(numbers).tobytes()
