"""The Open Inference Protocol: what a real Triton answers, and what is refused."""

import gzip
import json
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2_http import LENGTH, x


@pytest.fixture(scope="module")
def infer(v2):
    """Ask a model; returns the status and the answer's JSON."""

    def post(body, path="M/versions/1", **options):
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        answer = v2.ask("POST", f"/v2/models/{path}/infer", content=content, **options)
        assert answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.json()

    return post


def get(v2, path):
    answer = v2.ask("GET", path)
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, answer.json()


def test_numbers_in_json_are_answered_as_triton_does(v2):
    body = json.dumps({"inputs": [x()]})
    answer = v2.ask("POST", "/v2/models/M/versions/1/infer", content=body)
    assert (answer.status_code, answer.text) == (
        200,
        '{"model_name":"M","model_version":"1","outputs":[{"name":"y",'
        '"datatype":"FP32","shape":[3,1],"data":[3.0,3.5,4.0]}]}',
    )


def test_the_newest_version_answers_when_none_is_named(infer):
    assert infer({"inputs": [x()]}, "M")[1]["model_version"] == "10"
    assert infer({"inputs": [x()]}, "M/versions/0010")[1]["model_version"] == "10"


def test_the_id_of_a_request_is_given_back(infer):
    assert infer({"id": 'a"1', "inputs": [x()]}) == (
        200,
        {
            "id": 'a"1',
            "model_name": "M",
            "model_version": "1",
            "outputs": [
                {"name": "y", "datatype": "FP32", "shape": [3, 1], "data": [3, 3.5, 4]}
            ],
        },
    )


@pytest.mark.parametrize("data", [[2, 3, 4], [[2], [3.0], [4]]])
def test_whole_numbers_and_nested_lists_are_numbers_too(infer, data):
    status, answer = infer({"inputs": [x(data)]})
    assert (status, answer["outputs"][0]["data"]) == (200, [3.0, 3.5, 4.0])


def test_numbers_that_are_none_come_and_go(v2):
    body = '{"inputs":[{"name":"x","datatype":"FP32","shape":[3,1],"data":%s}]}'
    body %= "[NaN,Infinity,-Infinity]"
    answer = v2.ask("POST", "/v2/models/M/infer", content=body)
    assert '"data":[NaN,Infinity,-Infinity]' in answer.text


def test_outputs_are_those_asked_for_in_their_order(infer):
    pair = [x([6.0], [1], name="a"), x([7.0], [1], name="b")]
    asked = [{"name": "product"}, {"name": "sum"}]
    for outputs, expected in (
        (None, {"sum": [13.0], "product": [42.0]}),
        ([], {"sum": [13.0], "product": [42.0]}),
        (asked, {"product": [42.0], "sum": [13.0]}),
        (asked[:1], {"product": [42.0]}),
    ):
        body = {"inputs": pair} | ({} if outputs is None else {"outputs": outputs})
        _, answer = infer(body, "ab")
        found = [(output["name"], output["data"]) for output in answer["outputs"]]
        assert found == list(expected.items())


def test_a_tensor_without_dimensions_has_one_value(infer):
    _, answer = infer({"inputs": [x([1, 2, 3], [3])]}, "total")
    assert answer["outputs"][0] == {
        "name": "y",
        "datatype": "FP32",
        "shape": [],
        "data": [6.0],
    }


def test_a_compressed_body_is_decompressed(infer):
    body = gzip.compress(json.dumps({"inputs": [x()]}).encode())
    assert infer(body, headers={"content-encoding": "gzip"})[0] == 200


NOT_FOUND = "Request for unknown model: "


@pytest.mark.parametrize("rest", ["", "/ready", "/infer"])
@pytest.mark.parametrize(
    ("model", "status", "message"),
    [
        ("nope", 404, NOT_FOUND + "'nope' is not found"),
        ("nope/versions/2", 404, NOT_FOUND + "'nope' is not found"),
        ("M/versions/2", 404, NOT_FOUND + "'M' version 2 is not found"),
        (f"M/versions/{'9' * 5000}", 404, f"'M' version {'9' * 5000} is not found"),
        ("broken", 404, NOT_FOUND + "'broken' has no available versions"),
        ("broken/versions/1", 404, NOT_FOUND + "'broken' version 1 is not found"),
        (
            "M/versions/one",
            400,
            "failed to get model version from specified version string 'one'",
        ),
    ],
)
def test_what_is_not_served_is_refused(v2, rest, model, status, message):
    method = "POST" if rest == "/infer" else "GET"
    answer = v2.ask(method, f"/v2/models/{model}{rest}")
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].removeprefix(NOT_FOUND) == message.removeprefix(
        NOT_FOUND
    )


def test_inference_is_not_read(v2):
    assert get(v2, "/v2/models/M/infer") == (
        405,
        {"error": "Method Not Allowed: GET /v2/models/M/infer"},
    )


def test_the_server_says_what_it_is(v2):
    assert get(v2, "/v2") == (
        200,
        {
            "name": "kerasheet-serving",
            "version": version("kerasheet-serving"),
            "extensions": ["binary_tensor_data", "model_repository"],
        },
    )


@pytest.mark.parametrize("path", ["/v2/models/M", "/v2/models/M/versions/1"])
def test_a_model_says_what_it_takes_and_gives(v2, path):
    tensor = {"datatype": "FP32", "shape": [-1, 1]}
    assert get(v2, path) == (
        200,
        {
            "name": "M",
            "versions": ["1", "10"],
            "platform": "onnxruntime_onnx",
            "inputs": [{"name": "x", **tensor}],
            "outputs": [{"name": "y", **tensor}],
        },
    )


@pytest.mark.parametrize("path", ["M/ready", "M/versions/1/ready"])
def test_a_model_that_serves_is_ready(v2, path):
    assert get(v2, f"/v2/models/{path}") == (200, {"name": "M", "ready": True})


PARSE = "JSON Parse error: "
SHAPE = "unexpected shape for input 'x' for model 'M'. Expected [-1,1], got "
VALUES = "input 'x' of shape [3,1] needs 3 values, received "


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", PARSE + "The document is empty"),
        ("{", PARSE + "Missing a name for object member. at offset: 1"),
        ("[" * 100_000, PARSE + "Too many levels of nesting."),
        ("[1]", "JSON Value: [1] Is not object"),
        (
            {},
            "expected 1 inputs but got 0 inputs for model 'M'. Got input(s) [], but "
            "missing required input(s) ['x']. Please provide all required input(s).",
        ),
        ({"inputs": {}}, "'inputs' of the request must be a list, received {}"),
        (
            {"inputs": [x(), 7]},
            "'inputs' of the request must hold objects, received 7 at index 1",
        ),
        (
            {"id": 7, "inputs": [x()]},
            "'id' of the request must be a string, received 7",
        ),
        ({"inputs": [x(name=None)]}, "an input has no 'name'"),
        (
            {"inputs": [x(name="z")]},
            "unexpected inference input 'z' for model 'M', which takes 'x'",
        ),
        (
            {"inputs": [x(), x()]},
            "unexpected inference input 'x' for the second time for model 'M', which "
            "takes 'x'",
        ),
        (
            {"inputs": [x(datatype="INT32")]},
            "inference input 'x' data-type is 'INT32', but model 'M' expects 'FP32'",
        ),
        ({"inputs": [x(datatype=None)]}, "input 'x' has no 'datatype'"),
        ({"inputs": [x(shape=[3])]}, SHAPE + "[3]"),
        ({"inputs": [x(shape=[3, 2])]}, SHAPE + "[3, 2]"),
        ({"inputs": [x(shape=[-3, 1])]}, SHAPE + "[-3, 1]"),
        ({"inputs": [x(shape=[3.0, 1])]}, SHAPE + "[3.0, 1]"),
        ({"inputs": [x(shape=[True, 1])]}, SHAPE + "[true, 1]"),
        (
            {"inputs": [x(shape="3")]},
            "'shape' of input 'x' must be a list, received \"3\"",
        ),
        ({"inputs": [x([2.0, 3.0])]}, VALUES + "2"),
        ({"inputs": [x([])]}, VALUES + "0"),
        (
            {"inputs": [x(shape=[2**63 - 1, 1])]},
            f"input 'x' of shape [{2**63 - 1},1] needs {2**63 - 1} values, received 3",
        ),
        (
            {"inputs": [x([[2.0, 3.0, 4.0]])]},
            "input 'x' of shape [3,1] has data of shape [1,3]",
        ),
        ({"inputs": [x(["2"] * 3)]}, "input 'x' has \"2\", which is no FP32"),
        ({"inputs": [x(2.0)]}, "'data' of input 'x' must be a list, received 2.0"),
        ({"inputs": [x(None)]}, "input 'x' has no 'data'"),
        (
            {"inputs": [x(parameters=[])]},
            "'parameters' of input 'x' must be an object, received []",
        ),
        (
            {"inputs": [x(parameters={"shared_memory_region": "r"})]},
            "input 'x' is in shared memory, which is not read",
        ),
        (
            {"inputs": [x(parameters={"binary_data_size": 12})]},
            "input 'x' has both 'data' and 'binary_data_size'",
        ),
        (
            {"inputs": [x(None, parameters={"binary_data_size": 12})]},
            "input 'x' has a 'binary_data_size' of 12, but 0 bytes are left in the "
            "request",
        ),
        (
            {"inputs": [x()], "outputs": [{"name": "z"}]},
            "unexpected inference output 'z' for model 'M', which gives 'y'",
        ),
        (
            {"inputs": [x()], "outputs": [{"name": "y"}, {"name": "y"}]},
            "unexpected inference output 'y' for the second time for model 'M', which "
            "gives 'y'",
        ),
        (
            {
                "inputs": [x()],
                "outputs": [{"name": "y", "parameters": {"classification": 1}}],
            },
            "output 'y' cannot be given with 'classification'",
        ),
        (
            {
                "inputs": [x()],
                "outputs": [{"name": "y", "parameters": {"binary_data": 1}}],
            },
            "'binary_data' of output 'y' must be true or false, received 1",
        ),
    ],
)
def test_a_request_that_is_wrong_is_told_how(infer, body, message):
    assert infer(body) == (400, {"error": message})


def test_a_shape_of_nothing_that_no_array_can_have_is_refused(infer):
    body = {"inputs": [x([], [0, 2**70])]}
    assert infer(body, "FP32") == (
        400,
        {"error": f"input 'x' has a shape too large: [0, {2**70}]"},
    )


def test_a_size_of_more_digits_than_python_writes_is_refused(infer):
    status, answer = infer({"inputs": [x([0.0], [10**4299, 1])]})
    assert status == 400
    assert answer["error"].startswith("input 'x' has a shape too large: [1000")


def test_inputs_that_the_model_cannot_compute_with_are_the_clients_mistake(infer):
    status, answer = infer({"inputs": [x([3], [1], datatype="INT64")]}, "picked")
    assert status == 400
    assert answer["error"].startswith("Model 'picked' cannot compute these inputs: ")


def test_a_body_beyond_the_limit_is_refused(infer):
    status, answer = infer(b" " * 100_001)
    assert status == 413
    assert answer["error"].startswith("The request is larger than the 100000 bytes")


@pytest.mark.parametrize("length", ["1000", "-1", "1.5", "", "9" * 5000, "²"])
def test_a_header_length_that_is_none_is_refused(infer, length):
    body = json.dumps({"inputs": [x()]})
    headers = {LENGTH.encode(): length.encode()}
    shown = length.encode().decode("latin-1")
    assert infer(body, headers=headers) == (
        400,
        {
            "error": f"{LENGTH} must be a number of bytes, up to the {len(body)} of "
            f"the body, received {shown!r}"
        },
    )


KEYS = ["inputs", "name", "shape", "datatype", "data", "parameters", "outputs", "id"]
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text()),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@given(
    st.one_of(
        st.binary(),
        st.builds(lambda key, value: {key: value}, st.sampled_from(KEYS), ANYTHING),
        st.builds(
            lambda key, value: {"inputs": [x() | {key: value}]},
            st.sampled_from(KEYS),
            ANYTHING,
        ),
    ),
    st.none() | st.integers(-2, 40),
)
def test_whatever_is_sent_is_answered_or_is_the_clients_mistake(v2, body, length):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if length is None else {LENGTH: str(length)}
    answer = v2.ask("POST", "/v2/models/M/infer", content=content, headers=headers)
    assert answer.status_code in (200, 400), answer.text
