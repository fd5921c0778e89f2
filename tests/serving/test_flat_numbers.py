"""Requests whose data are flat numbers, against the parser of all other requests."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kerasheet_serving.errors import ServingError
from kerasheet_serving.json_document import parse_object
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v2.flat_numbers import read_flat
from kerasheet_serving.v2.request import read_infer

X = {"name": "x", "datatype": "FP32", "shape": [2, 1], "data": [1, 2.5]}


class Text(str):
    """JSON as it is sent."""


NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True),
    st.sampled_from(["1E5", "-0", "-0.0", "1e-400", "1e400", "3.5e38"]).map(Text),
)
ANY = st.one_of(NUMBERS, st.booleans(), st.none(), st.text(max_size=2))
LISTS = st.lists(st.one_of(NUMBERS, NUMBERS, ANY, st.lists(NUMBERS)), max_size=3)
NESTED = st.sampled_from([[[1], [2]], [[1, 2]], [[1], 2], [[], [1, 2]]])
DATA = st.one_of(st.lists(NUMBERS, min_size=2, max_size=2), NESTED, LISTS, ANY)
SHAPES = st.one_of(ANY, st.lists(st.one_of(st.integers(0, 3), ANY), max_size=2))


def changed(right, **values):
    """Pairs of a JSON object of which up to two are others, more, or not there."""
    changes = st.sampled_from(["instead", "besides", "without"])
    one = [st.tuples(st.just(name), value, changes) for name, value in values.items()]

    def change(made):
        pairs = list(right)
        for name, value, how in made:
            if how != "besides":
                pairs = [pair for pair in pairs if pair[0] != name]
            if how != "without":
                pairs.append((name, value))
        return pairs

    return st.lists(st.one_of(one), max_size=2).map(change)


def vector(dtype="float32"):
    return TensorSpec("x", dtype, ("batch", 1))


def written(value):
    """JSON of a value in which objects are lists of pairs."""
    if type(value) is list and value and all(type(item) is tuple for item in value):
        return f"{{{','.join(f'{json.dumps(n)}:{written(v)}' for n, v in value)}}}"
    if type(value) is list:
        return f"[{','.join(map(written, value))}]"
    return value if type(value) is Text else json.dumps(value)


TENSORS = changed(
    X.items(),
    name=st.sampled_from(["y", "["]),
    datatype=st.just("FP64"),
    shape=SHAPES,
    data=DATA,
    parameters=st.sampled_from([[], [("binary_data_size", 4)], [("data", [1])]]),
)
REQUESTS = TENSORS.flatmap(
    lambda tensor: changed(
        [("inputs", [tensor])],
        inputs=st.one_of(st.just([tensor, tensor]), LISTS, ANY),
        id=st.text(max_size=2),
        outputs=st.one_of(
            LISTS, st.sampled_from([[[("name", "y")]], [[("data", [1])]]])
        ),
        data=LISTS,
    )
)


@pytest.mark.parametrize(
    ("dtype", "body"),
    [
        ("float32", {"inputs": [X]}),
        ("float32", {"inputs": [{**X, "shape": [0], "data": []}]}),
        ("float32", {"id": "1", "inputs": [X], "outputs": []}),
        ("float64", {"inputs": [X], "outputs": [{"name": "y", "parameters": {}}]}),
        ("float32", {"inputs": [{**X, "shape": []}], "parameters": {"a": {"b": None}}}),
    ],
)
def test_reads_flat_lists_of_numbers(dtype, body):
    text = json.dumps(body).encode()
    read = read_flat(text, (vector(dtype),))
    for tensor in read["inputs"]:
        assert tensor["data"].dtype == dtype
        tensor["data"] = tensor["data"].tolist()
    assert read == parse_object(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"inputs": 5}',
        '{"inputs": [5]}',
        '{"inputs": ["x"]}',
        '{"inputs": [{"shape": [1]}]}',
        '{"inputs": [{"data": [1]}]}',
        '{"inputs": [{"shape": 1, "data": [1]}]}',
        '{"inputs": [{"shape": [1], "data": [[1]]}]}',
        '{"inputs": [{"shape": [[1]], "data": [1]}]}',
        '{"inputs": [{"shape": [1], "data": [true]}]}',
        '{"inputs": [{"shape": [1], "data": [NaN]}]}',
        '{"inputs": [{"shape": [1], "data": [3.5e38]}]}',
        '{"inputs": [{"shape": [1], "data": [1], "data": [2]}]}',
        '{"inputs": [{"shape": [1], "data": [1]}], "outputs": 5}',
        '{"inputs": [{"shape": [1], "data": [1]}], "other": [5]}',
        '{"inputs": [{"shape": [1], "data": [1]}], "outputs": [[]]}',
        '{"inputs": [{"shape": [1], "data": [1], "name": "["}]}',
        f'{{{",".join(f"{chr(34)}{n}{chr(34)}: 0" for n in range(16))}, "inputs": []}}',
        f'{{"other": {"[" * 900}{"]" * 900}, "inputs": []}}',
        f'{{"inputs": [{{"shape": [1], "data": [{"1," * 2**23}1]}}]}}',
    ],
    ids=lambda text: text[:70],
)
def test_leaves_everything_else_to_the_parser(text):
    assert read_flat(text.encode(), (vector(),)) is None


@pytest.mark.parametrize(
    "specs", [(), (vector("int32"),), (vector("str"),), (vector(), vector("float64"))]
)
def test_leaves_models_of_other_types_to_the_parser(specs):
    assert read_flat(json.dumps({"inputs": [X]}).encode(), specs) is None


def outcome(body, dtype):
    """What is read, to the last bit, or the whole error."""
    manifest = Manifest("m", 1, (vector(dtype),), (TensorSpec("y", "float32", (1,)),))
    try:
        request = read_infer(body, None, "m", manifest)
    except ServingError as error:
        return str(error)
    arrays = [(a.dtype.str, a.shape, a.tobytes()) for a in request.inputs.values()]
    return request.id, arrays, request.outputs


@given(REQUESTS, st.sampled_from(["float32", "float64", "int32"]))
@example([("inputs", [[*(X | {"data": [[1, 2]]}).items()]])], "float32")
@example([("inputs", [[*(X | {"data": [1, 3.5e38]}).items()]])], "float32")
@example([("inputs", [[*X.items()]]), ("id", "[")], "float32")
def test_a_request_is_read_or_refused_as_without_the_short_way(request_, dtype):
    body = written(request_).encode()
    # What follows the object is ignored, but the short way does not take it.
    assert outcome(body, dtype) == outcome(body + b" x", dtype)


@pytest.mark.parametrize(
    "more",
    [
        b'"a": "\xe4\xc3\xa4"',
        b'"a": "\\ud800"',
        b'"a": "\\ud83d\\ude00"',
        b'"a\\u0000": 1, "a": 2',
        b'"a": 1, "a\\u0000": {"b": 1, "b": 2}',
        b'"\\u0069nputs": []',
        b'"a": {' + b",".join(b'"%d": 1' % n for n in range(17)) + b"}",
        b'"a": -0, "b": 1e400, "c": 01',
        b'"a": 123456789012345678901234567890',
        b'"a": "\t"',
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b" \n"])
def test_bytes_are_read_or_refused_as_without_the_short_way(mark, more):
    tensor = json.dumps(X).encode()
    for body in (b'{"inputs": [%s], %s}', b'{"inputs": [%s]}', b"{%s}"):
        parts = (tensor, more)[: body.count(b"%s")]
        whole = mark + body % parts
        assert outcome(whole, "float32") == outcome(whole + b" x", "float32")


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(1, 2))
def test_every_number_is_read_to_the_last_bit(numbers, factor):
    numbers = [number * factor for number in numbers]
    tensor = {**X, "shape": [len(numbers), 1], "data": numbers}
    body = json.dumps({"inputs": [tensor]}).encode()
    [read] = read_flat(body, (vector("float64"),))["inputs"]
    assert read["data"].tobytes() == np.array(numbers).tobytes()
