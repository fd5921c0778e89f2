"""`:predict` over HTTP: both formats, every type, and every refusal."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v1.request import read_predict

many_requests = settings(
    max_examples=50,  # up to four requests each
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize(
    ("model", "body", "answer"),
    [
        ("H", '{"instances":[2.0,3.0,4.0]}', '{"predictions":[3.0,3.5,4.0]}'),
        ("H", '{"inputs":[2.0,3.0,4.0]}', '{"outputs":[3.0,3.5,4.0]}'),
        ("H", '{"instances":[{"x":2},{"x":3}]}', '{"predictions":[3.0,3.5]}'),
        ("H", '{"inputs":{"x":[2]}}', '{"outputs":[3.0]}'),
        ("H", '{"inputs":[]}', '{"outputs":[]}'),
        ("H/versions/123", '{"instances":[1.0,2.0]}', '{"predictions":[2.5,3.0]}'),
        (
            "H",
            '{"signature_name":"serving_default","instances":[1.0]}',
            '{"predictions":[2.5]}',
        ),
        ("H", '{"signature_name":"","instances":[1.0]}', '{"predictions":[2.5]}'),
        (
            "H",
            '{"instances":[NaN,Infinity,-Infinity]}',
            '{"predictions":[NaN,Infinity,-Infinity]}',
        ),
        ("H", '{"instances":[2.0]}}} trailing', '{"predictions":[3.0]}'),
        ("column", '{"instances":[[2.0],[3]]}', '{"predictions":[[3.0],[3.5]]}'),
        ("column", '{"inputs":[[2.0],[3]]}', '{"outputs":[[3.0],[3.5]]}'),
        (
            "ab",
            '{"instances":[{"a":1,"b":2},{"b":4,"a":3}]}',
            '{"predictions":[{"sum":3.0,"product":2.0},{"sum":7.0,"product":12.0}]}',
        ),
        (
            "ab",
            '{"inputs":{"a":[1,3],"b":[2,4]}}',
            '{"outputs":{"sum":[3.0,7.0],"product":[2.0,12.0]}}',
        ),
        ("text", '{"instances":["a","é"]}', '{"predictions":["a","é"]}'),
        (
            "text",
            '{"instances":[{"b64":"aGVsbG8="},{"b64":"d29ybGQ="}]}',
            '{"predictions":["hello","world"]}',
        ),
        ("text", '{"instances":["\\"\\n"]}', '{"predictions":["\\"\\n"]}'),
        (
            "raw",
            '{"instances":["hello",{"b64":"w6k="}]}',
            '{"predictions":[{"b64":"aGVsbG8="},{"b64":"w6k="}]}',
        ),
        (
            "int64",
            '{"instances":[9223372036854775807,-1]}',
            '{"predictions":[9223372036854775807,-1]}',
        ),
        (
            "uint64",
            '{"instances":[18446744073709551615]}',
            '{"predictions":[18446744073709551615]}',
        ),
        ("int8", '{"instances":[-128]}', '{"predictions":[-128]}'),
        ("bool", '{"instances":[true,false]}', '{"predictions":[true,false]}'),
        (
            "float64",
            '{"instances":[0.1,0.30000000000000004,2]}',
            '{"predictions":[0.1,0.30000000000000004,2.0]}',
        ),
        ("grid", '{"inputs":[[1,2],[3,4]]}', '{"outputs":[[1.0,2.0],[3.0,4.0]]}'),
        ("grid", '{"inputs":[[],[]]}', '{"outputs":[[],[]]}'),
        ("total", '{"inputs":[1,2,3]}', '{"outputs":6.0}'),
        (
            "values_and_total",
            '{"inputs":[1,2]}',
            '{"outputs":{"values":[1.0,2.0],"total":[3.0]}}',
        ),
        (
            "grid",
            '{"instances":[[9000000,999999,0.5],[0.0003,0.00003,555557.5]]}',
            '{"predictions":[[9e+06,999999.0,0.5],[0.0003,3e-05,555557.5]]}',
        ),
    ],
)
def test_answers(predict, model, body, answer):
    assert predict(model, body) == (200, answer)


PARSE = "JSON Parse error: "
ELEMENT = "Failed to process element: "
LIST = " of 'instances' list. "


@pytest.mark.parametrize(
    ("model", "body", "message"),
    [
        ("H", "", PARSE + "The document is empty"),
        ("H", "instances = [1, 2]", PARSE + "Invalid value. at offset: 0"),
        ("H", "[1]", "JSON Value: [1] Is not object"),
        (
            "H",
            '{"signature_name":100}',
            'JSON Value: {"signature_name": 100} not formatted correctly. '
            "'signature_name' key must be a string value.",
        ),
        (
            "H",
            '{"signature_name":"nope","instances":[1.0]}',
            'Serving signature name: "nope" not found in signature def',
        ),
        ("H", "{}", "Missing 'inputs' or 'instances' key"),
        (
            "H",
            '{"instances":[1],"inputs":[1]}',
            'JSON Value: {"instances": [1], "inputs": [1]} Not formatted correctly '
            "expecting only one of 'inputs' or 'instances' keys to exist ",
        ),
        (
            "H",
            '{"instances":5}',
            "JSON Value: {\"instances\": 5} Expecting 'instances' to be an list/array",
        ),
        (
            "H",
            '{"instances":[]}',
            "JSON Value: {\"instances\": []} No values in 'instances' array",
        ),
        (
            "H",
            '{"instances":["x","y"]}',
            ELEMENT + "0" + LIST + 'Error: INVALID_ARGUMENT: JSON Value: "x" '
            "Type: String is not of expected type: float",
        ),
        (
            "H",
            '{"inputs":["x","y"]}',
            'JSON Value: "x" Type: String is not of expected type: float',
        ),
        (
            "H",
            '{"instances":[[1,2],[3,4],[5,6,7]]}',
            ELEMENT + "2" + LIST + "Error: INVALID_ARGUMENT: "
            "Expecting tensor size: 2 but got: 3",
        ),
        (
            "grid",
            '{"instances":[[1,2],[[3,4]]]}',
            ELEMENT + "1" + LIST + "Error: INVALID_ARGUMENT: "
            "Expecting shape [2] but got: [1,2]",
        ),
        (
            "H",
            '{"instances":[{"x":1},2]}',
            "Expecting object but got list at item 1 of input list",
        ),
        (
            "H",
            '{"instances":[1,{"x":2}]}',
            "Expecting value/list but got object at item 1 of input list",
        ),
        (
            "H",
            '{"instances":[{"z":1}]}',
            ELEMENT + "0 key: z" + LIST + "Error: INVALID_ARGUMENT: "
            "JSON object: does not have named input: z",
        ),
        (
            "ab",
            '{"instances":[[1]]}',
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map",
        ),
        (
            "ab",
            '{"instances":[{"a":1}]}',
            ELEMENT + "0" + LIST + 'JSON object: {"a": 1} keys must be equal to: a,b',
        ),
        (
            "ab",
            '{"instances":[{"b64":"aGk="}]}',
            ELEMENT + "0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: "
            '{"b64": "aGk="} Type: Object is not of expected type: float',
        ),
        (
            "ab",
            '{"inputs":[1]}',
            "inputs is a plain value/list, but expecting an object as multiple "
            "input tensors required as per tensorinfo_map",
        ),
        ("ab", '{"inputs":{"b":[1]}}', "Missing named input: a in 'inputs' object."),
        ("H", '{"inputs":{"y":[1]}}', "Missing named input: x in 'inputs' object."),
        (
            "ab",
            '{"inputs":{"a":[1,2],"b":[1]}}',
            "Input 'b' must have shape [2], received [1].",
        ),
        (
            "column",
            '{"instances":[[1,2]]}',
            "Input 'x' must have shape [batch, 1], received [1, 2].",
        ),
        (
            "column",
            '{"instances":[1]}',
            "Input 'x' must have shape [batch, 1], received [1].",
        ),
        (
            "text",
            '{"instances":[{"b64":"/w=="}]}',
            "Input 'x' must hold UTF-8 text, the only strings that ONNX Runtime knows: "
            "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte.",
        ),
        (
            "float16",
            '{"instances":[1]}',
            ELEMENT + "0" + LIST + "Error: UNIMPLEMENTED: "
            "Conversion of JSON Value: 1 to type: half",
        ),
        ("total", '{"instances":[1]}', "Tensor name: y has no shape information "),
        (
            "values_and_total",
            '{"instances":[1,2]}',
            "Tensor name: total has inconsistent batch size: 1 expecting: 2",
        ),
        (
            "H",
            '{"instances":[{"x":1,"x":2}]}',
            PARSE + 'Duplicate name of object member: "x"',
        ),
        ("H", '{"instances":' + "[" * 99_000, PARSE + "Too many levels of nesting."),
        (
            "H",
            '{"instances":' + "[" * 300 + "1" + "]" * 300 + "}",
            ELEMENT + "0" + LIST + "Error: INVALID_ARGUMENT: "
            "Encountered 299 levels of lists, more than the 64 dimensions a tensor can "
            "have",
        ),
    ],
)
def test_refuses(refused, model, body, message):
    assert refused(model, body) == message


def test_an_empty_batch_has_no_rows(predict):
    status, text = predict("grid", '{"instances":[[]]}')
    assert (status, text) == (200, '{"predictions":[[]]}')


def test_a_type_the_protocol_does_not_carry_is_not_implemented(predict):
    status, text = predict("float16", '{"inputs":[1]}')
    assert status == 501
    assert json.loads(text) == {
        "error": "Conversion of JSON Value: 1 to type: half",
    }


def test_a_value_the_model_cannot_compute_with_is_the_client_s_mistake(refused):
    message = refused("picked", '{"instances":[7]}')
    assert message.startswith("Model 'picked' cannot compute these inputs: ")
    assert "out of data bounds" in message


def test_a_model_without_inputs_cannot_be_asked():
    with pytest.raises(InvalidArgument) as error:
        read_predict({"instances": [1]}, ())
    assert str(error.value) == "Failed to get input map for signature: DEFAULT"


@pytest.mark.parametrize("model", ["foo", "H/versions/99", "H/labels/x"])
def test_the_body_is_parsed_before_the_model_is_looked_up(refused, model):
    assert refused(model, "") == "JSON Parse error: The document is empty"


def test_the_model_is_looked_up_before_the_signature(predict):
    body = '{"signature_name":"nope"}'
    assert predict("foo", body) == (
        404,
        '{"error": "Servable not found for request: Latest(foo)"}',
    )


def test_the_signature_is_looked_up_before_the_instances(refused):
    assert refused("H", '{"signature_name":"nope","instances":5}') == (
        'Serving signature name: "nope" not found in signature def'
    )


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", ""])
def test_the_content_type_is_never_inspected(predict, content_type):
    status, _ = predict("H", '{"instances":[1.0]}', **{"content-type": content_type})
    assert status == 200


def test_a_gzip_body_is_decompressed(predict):
    body = gzip.compress(b'{"instances":[2.0,3.0,4.0]}')
    assert predict("H", body, **{"content-encoding": "gzip"}) == (
        200,
        '{"predictions":[3.0,3.5,4.0]}',
    )


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_body_larger_than_the_limit_is_too_large(predict, encoding):
    body = json.dumps({"instances": [0.5] * 50_000}).encode()
    if encoding == "gzip":
        body = gzip.compress(body)
        assert len(body) < 100_000
    assert predict("H", body, **{"content-encoding": encoding}) == (
        413,
        '{"error": "The request is larger than the 100000 bytes this server accepts. '
        'Send fewer instances at a time."}',
    )


@many_requests
@given(st.lists(st.floats(width=32), min_size=1, max_size=20))
def test_answers_are_what_the_formula_gives_in_float32(predict, numbers):
    status, text = predict("H", {"instances": numbers})
    with np.errstate(over="ignore"):
        expected = np.array(numbers, np.float32) * np.float32(0.5) + np.float32(2)
    assert status == 200
    np.testing.assert_array_equal(
        np.array(json.loads(text)["predictions"]).astype(np.float32), expected
    )


@many_requests
@given(
    st.lists(st.tuples(*2 * [st.floats(-1000, 1000, width=32)]), min_size=1, max_size=8)
)
def test_rows_and_columns_are_the_same_request(predict, pairs):
    rows = [{"a": a, "b": b} for a, b in pairs]
    columns = {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}
    _, by_row = predict("ab", {"instances": rows})
    _, by_column = predict("ab", {"inputs": columns})
    predictions, outputs = json.loads(by_row), json.loads(by_column)
    assert outputs["outputs"] == {
        name: [row[name] for row in predictions["predictions"]]
        for name in ("sum", "product")
    }


@many_requests
@given(st.binary(max_size=60))
def test_no_body_is_ever_a_fault_of_the_server(predict, body):
    for prefix in (b"", b'{"instances":', b'{"inputs":[', b'{"instances":[{"x":"'):
        status, _ = predict("H", prefix + body)
        assert status in (200, 400)


def test_specs_are_matched_by_name_not_by_order():
    specs = (TensorSpec("a", "int64", ("n",)), TensorSpec("b", "float32", ("n",)))
    tensors, rows = read_predict({"instances": [{"b": 1.5, "a": 2}]}, specs)
    assert rows
    assert {name: (t.dtype.name, t.tolist()) for name, t in tensors.items()} == {
        "a": ("int64", [2]),
        "b": ("float32", [1.5]),
    }
