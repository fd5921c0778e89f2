"""`:classify` and `:regress` over HTTP: examples, contexts, signatures, refusals."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from serving_http import InProcess
from serving_models import Model, half_plus_two, identity, publish, sum_and_product

from kerasheet_serving import Settings, TensorSpec, create_app

SMALL = np.float32([[1, 2, 0], [0, 1, 2]])


def classifier(outputs=("probabilities",)):
    """x, three numbers for two pixels, to three scores of as many classes."""
    return Model(
        [
            helper.make_node("MatMul", ["x", "weights"], ["scores"]),
            *(helper.make_node("Identity", ["scores"], [name]) for name in outputs),
        ],
        [TensorSpec("x", "float32", ("batch", 2))],
        [TensorSpec(name, "float32", ("batch", 3)) for name in outputs],
        {"weights": SMALL},
    )


def half_and_double():
    """Two single numbers for each one."""
    return Model(
        [
            helper.make_node("Mul", ["x", "half"], ["y"]),
            helper.make_node("Add", ["x", "x"], ["y2"]),
        ],
        [TensorSpec("x", "float32", ("batch", 1))],
        [
            TensorSpec("y", "float32", ("batch", 1)),
            TensorSpec("y2", "float32", ("batch", 1)),
        ],
        {"half": np.array(0.5, np.float32)},
    )


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    publish(root, "H", half_plus_two(("batch", 1)), version=123)
    publish(root, "named", classifier(), labels=("hut", "é", "c"))
    publish(root, "numbered", classifier(("logits", "probabilities")))
    publish(root, "unnamed", classifier(("y",)))
    publish(root, "two", half_and_double())
    publish(root, "ab", sum_and_product())
    publish(root, "ids", identity("int64"))
    publish(root, "rows", identity("float32", ("batch", "width")))
    server = InProcess(create_app(Settings(root)))

    def post(path, body):
        if not isinstance(body, str):
            body = json.dumps(body)
        answer = server.ask("POST", f"/v1/models/{path}", content=body)
        assert answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.text

    return post


PIXELS = '{"examples":[{"x":[1.0,0.0]},{"x":[0.5,1.0]}]}'


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("H:classify", '{"examples":[{"x":2.0}]}', '{"results":[[["",3.0]]]}'),
        (
            "H:regress",
            '{"signature_name":"regress_x_to_y","examples":[{"x":2.0}]}',
            '{"results":[3.0]}',
        ),
        ("H:regress", '{"examples":[{"x":2.0},{"x":[3.5]}]}', '{"results":[3.0,3.75]}'),
        ("H:regress", '{"examples":[{"x":2}]}', '{"results":[3.0]}'),
        ("H:regress", '{"examples":[{"x":NaN}]}', '{"results":[NaN]}'),
        ("H:regress", '{"examples":[{"x":2.0,"z":"more"}]}', '{"results":[3.0]}'),
        (
            "H/versions/123:REGRESS",
            '{"signature_name":"regress","examples":[{"x":2.0}]}',
            '{"results":[3.0]}',
        ),
        (
            "H:regress",
            '{"signature_name":"","context":{"x":2.0},"examples":[{},{"x":4.0}]}',
            '{"results":[3.0,4.0]}',
        ),
        (
            "named:classify",
            PIXELS,
            '{"results":[[["hut",1.0],["é",2.0],["c",0.0]],'
            '[["hut",0.5],["é",2.0],["c",2.0]]]}',
        ),
        (
            "numbered:classify",
            '{"signature_name":"classify_x_to_probabilities",'
            '"examples":[{"x":[1.0,0.0]}]}',
            '{"results":[[["0",1.0],["1",2.0],["2",0.0]]]}',
        ),
        (
            "unnamed:classify",
            '{"signature_name":"serving_default","examples":[{"x":[1.0,0.0]}]}',
            '{"results":[[["",1.0],["",2.0],["",0.0]]]}',
        ),
        (
            "two:regress",
            '{"signature_name":"regress_x_to_y2","examples":[{"x":2.0}]}',
            '{"results":[4.0]}',
        ),
    ],
)
def test_answers(ask, path, body, answer):
    assert ask(path, body) == (200, answer)


METHOD = "Expected {} signature method_name to be tensorflow/serving/{}. Was: "


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("H:classify", "", "JSON Parse error: The document is empty"),
        (
            "H:classify",
            '{"signature_name":100}',
            'JSON Value: {"signature_name": 100} not formatted correctly. '
            "'signature_name' key must be a string value.",
        ),
        (
            "H:regress",
            "{}",
            "JSON Value: {} When method is classify, key 'examples' is expected and "
            "was not found",
        ),
        (
            "H:regress",
            '{"examples":null}',
            "JSON Value: {\"examples\": null} Expecting 'examples' value to be an "
            "list/array",
        ),
        (
            "H:classify",
            '{"examples":[]}',
            "JSON Value: {\"examples\": []} 'examples' value is an empty array",
        ),
        (
            "H:classify",
            '{"examples":[2.0]}',
            "Example must be JSON object but got JSON Number",
        ),
        (
            "H:classify",
            '{"examples":[{"x":2.0}],"context":[]}',
            "Example must be JSON object but got JSON Array",
        ),
        (
            "H:classify",
            '{"examples":[{"x":null}]}',
            "Feature: x has element with unexpected JSON type: Null",
        ),
        (
            "H:classify",
            '{"examples":[{"x":[[2.0]]}]}',
            "Feature: x has element with unexpected JSON type: Array",
        ),
        (
            "H:classify",
            '{"examples":[{"x":{"y":1}}]}',
            "Feature: x has element with unexpected JSON type: Object",
        ),
        (
            "rows:classify",
            '{"examples":[{"x":[1,2.5]}]}',
            "Unexpected element type in feature: x expecting type: int64",
        ),
        (
            "H:classify",
            '{"examples":[{"x":[2.5,true]}]}',
            "Unexpected element type in feature: x expecting type: float",
        ),
        (
            "H:classify",
            '{"examples":[{"x":1e39}]}',
            "Cannot convert JSON value: 1e+39 to float without loss of precision.",
        ),
        (
            "H:classify",
            '{"examples":[{"x":9223372036854775808}]}',
            "Feature: x has uint64 element. Only int64 is supported.",
        ),
        (
            "H:classify",
            '{"examples":[{"x":2.0},{"y":2.0}]}',
            "Name: <unknown>, Feature: x (data type: float) is required but could not "
            "be found.",
        ),
        (
            "H:classify",
            '{"examples":[{"x":[]}]}',
            "Name: <unknown>, Feature: x (data type: float) is required but could not "
            "be found.",
        ),
        (
            "H:classify",
            '{"examples":[{"x":"2"}]}',
            "Name: <unknown>, Key: x, Index: 0.  Data types don't match. Data type: "
            "string but expected type: float",
        ),
        (
            "H:classify",
            '{"examples":[{"x":2.0},{"x":[2.0,3.0]}]}',
            "Name: <unknown>, Key: x, Index: 1.  Number of float values != expected.  "
            "Values size: 2 but output shape: [1]",
        ),
        (
            "rows:classify",
            '{"examples":[{"x":[1.0]},{"x":[1.0,2.0]}]}',
            "Key: x.  Examples have different numbers of values: 1, 2",
        ),
        (
            "H:regress",
            '{"signature_name":"nope","examples":[{"x":2.0}]}',
            "No signature was found with the name: nope",
        ),
        (
            "H:regress",
            '{"signature_name":"classify_x_to_y","examples":[{"x":2.0}]}',
            METHOD.format("regression", "regress") + "tensorflow/serving/classify",
        ),
        (
            "two:classify",
            '{"signature_name":"regress_x_to_y","examples":[{"x":2.0}]}',
            METHOD.format("classification", "classify") + "tensorflow/serving/regress",
        ),
        (
            "two:regress",
            '{"examples":[{"x":2.0}]}',
            METHOD.format("regression", "regress") + "tensorflow/serving/predict",
        ),
        (
            "ab:classify",
            '{"examples":[{"a":2.0,"b":1.0}]}',
            METHOD.format("classification", "classify") + "tensorflow/serving/predict",
        ),
        (
            "ids:classify",
            '{"examples":[{"x":2}]}',
            METHOD.format("classification", "classify") + "tensorflow/serving/predict",
        ),
    ],
)
def test_refuses(ask, path, body, message):
    assert ask(path, body) == (400, json.dumps({"error": message}))


def test_examples_are_read_before_the_model_is_looked_up(ask):
    assert ask("foo:classify", '{"examples":[]}')[0] == 400
    assert ask("foo:classify", '{"examples":[{}]}') == (
        404,
        '{"error": "Servable not found for request: Latest(foo)"}',
    )


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["x", "b64", ""]), inner, max_size=2)
        ),
        max_leaves=6,
    )
)
def test_no_example_is_ever_a_fault_of_the_server(ask, value):
    for model in ("H", "named", "ids", "rows"):
        for method in ("classify", "regress"):
            for body in (
                {"examples": value},
                {"examples": [value]},
                {"examples": [{"x": value}]},
                {"examples": [{}], "context": {"x": value}},
                {"examples": [{"x": 1.0}], "signature_name": value},
            ):
                status, _ = ask(f"{model}:{method}", body)
                assert status in (200, 400)


def test_whole_numbers_must_fit_the_type_of_the_input(tmp_path):
    model = Model(
        [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)],
        [TensorSpec("x", "int8", ("batch",))],
        [TensorSpec("y", "float32", ("batch",))],
    )
    publish(tmp_path, "M", model)
    server = InProcess(create_app(Settings(tmp_path)))

    def ask(*values):
        body = json.dumps({"examples": [{"x": value} for value in values]})
        return server.ask("POST", "/v1/models/M:regress", content=body).text

    assert ask(-128, True) == '{"results":[-128.0,1.0]}'
    assert ask(128) == '{"error": "Key: x.  Values do not fit int8"}'


def test_a_predict_signature_is_no_name_for_examples_nor_the_reverse(ask):
    body = '{"signature_name":"regress_x_to_y","instances":[[2.0]]}'
    assert ask("H:predict", body) == (
        400,
        '{"error": "Serving signature name: \\"regress_x_to_y\\" not found in '
        'signature def"}',
    )
