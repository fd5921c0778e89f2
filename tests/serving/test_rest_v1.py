"""TensorFlow Serving's paths: status, metadata, versions, labels and refusals."""

import json

import pytest
from serving_http import InProcess
from serving_models import half_plus_two, publish

from kerasheet_serving import Session, Settings, create_app


def get(server, path):
    answer = server.ask("GET", path)
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, answer.json()


def available(version):
    return {
        "version": version,
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }


@pytest.mark.parametrize(
    "path", ["/v1/models/H", "/v1/models/H/versions/123", "/V1/MODELS/%48/Versions/123"]
)
def test_status_of_a_model(server, path):
    answer = server.ask("GET", path)
    assert answer.status_code == 200
    assert answer.text == (
        '{"model_version_status":[{"version":"123","state":"AVAILABLE",'
        '"status":{"error_code":"OK","error_message":""}}]}'
    )


@pytest.mark.parametrize("path", ["/v1/models/H", "/v1/models/H/versions/123"])
def test_metadata_of_a_model(server, path):
    tensor = {
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
    }
    assert get(server, f"{path}/metadata") == (
        200,
        {
            "model_spec": {"name": "H", "signature_name": "", "version": "123"},
            "metadata": {
                "signature_def": {
                    "signature_def": {
                        "serving_default": {
                            "inputs": {"x": {**tensor, "name": "x:0"}},
                            "outputs": {"y": {**tensor, "name": "y:0"}},
                            "method_name": "tensorflow/serving/predict",
                        }
                    }
                }
            },
        },
    )


@pytest.mark.parametrize(
    ("model", "dtype"),
    [
        ("float16", "DT_HALF"),
        ("float64", "DT_DOUBLE"),
        ("int64", "DT_INT64"),
        ("bool", "DT_BOOL"),
        ("text", "DT_STRING"),
    ],
)
def test_metadata_names_types_as_tensorflow_does(server, model, dtype):
    _, document = get(server, f"/v1/models/{model}/metadata")
    signatures = document["metadata"]["signature_def"]["signature_def"]
    assert signatures["serving_default"]["inputs"]["x"]["dtype"] == dtype


def test_metadata_keeps_fixed_sizes(server):
    _, document = get(server, "/v1/models/column/metadata")
    signatures = document["metadata"]["signature_def"]["signature_def"]
    assert signatures["serving_default"]["inputs"]["x"]["tensor_shape"]["dim"] == [
        {"size": "-1", "name": ""},
        {"size": "1", "name": ""},
    ]


UNKNOWN_LABEL = "Unrecognized servable version label: "
NOT_SERVABLE = "Servable not found for request: "


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/v1/models", 400, "Missing model name in request."),
        ("/v1/models/versions/3", 400, "Missing model name in request."),
        ("/v1/models/foo", 404, "Could not find any versions of model foo"),
        ("/v1/models/foo/versions/1", 404, "Could not find any versions of model foo"),
        ("/v1/models/H/versions/9", 404, "Could not find version 9 of model H"),
        ("/v1/models/h", 404, "Could not find any versions of model h"),
        ("/v1/models/H/labels/Nope", 400, UNKNOWN_LABEL + "Nope"),
        ("/v1/models/H/labels/Nope/metadata", 400, UNKNOWN_LABEL + "Nope"),
        ("/v1/models/foo/metadata", 404, NOT_SERVABLE + "Latest(foo)"),
        ("/v1/models/H/versions/9/metadata", 404, NOT_SERVABLE + "Specific(H, 9)"),
        (
            "/v1/models/H/versions/18446744073709551615",
            400,
            "Failed to convert version: 18446744073709551615 to numeric.",
        ),
        (
            f"/v1/models/H/versions/{'9' * 5000}",
            400,
            f"Failed to convert version: {'9' * 5000} to numeric.",
        ),
        (
            f"/v1/models/H/versions/{'0' * 5000}9",
            404,
            "Could not find version 9 of model H",
        ),
        ("/v1/models/", 400, "Malformed request: GET /v1/models/"),
        ("/v1/other", 400, "Malformed request: GET /v1/other"),
        ("/v1/models/H:predict", 400, "Malformed request: GET /v1/models/H:predict"),
        (
            "/v1/models/H/versions/one",
            400,
            "Malformed request: GET /v1/models/H/versions/one",
        ),
        (
            "/v1/models/H/versions/1/labels/x",
            400,
            "Malformed request: GET /v1/models/H/versions/1/labels/x",
        ),
        ("/v3", 404, "Nothing is served at /v3. Models are below /v1/models/."),
        ("/v1", 404, "Nothing is served at /v1. Models are below /v1/models/."),
    ],
)
def test_get_is_refused(server, path, status, message):
    assert get(server, path) == (status, {"error": message})


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("foo:predict", 404, NOT_SERVABLE + "Latest(foo)"),
        ("foo/versions/50:predict", 404, NOT_SERVABLE + "Specific(foo, 50)"),
        ("H/versions/99:predict", 404, NOT_SERVABLE + "Specific(H, 99)"),
        ("H/labels/Nope:predict", 400, UNKNOWN_LABEL + "Nope"),
        ("H", 400, "Malformed request: POST /v1/models/H"),
        ("H/metadata", 400, "Malformed request: POST /v1/models/H/metadata"),
        ("H:guess", 400, "Malformed request: POST /v1/models/H:guess"),
        (
            "H/versions/one:predict",
            400,
            "Malformed request: POST /v1/models/H/versions/one:predict",
        ),
        (
            "H/versions/18446744073709551615:predict",
            400,
            "Failed to convert version: 18446744073709551615 to numeric.",
        ),
        (
            "ab:classify",
            400,
            "Expected classification signature method_name to be "
            "tensorflow/serving/classify. Was: tensorflow/serving/predict",
        ),
        (
            "ab:regress",
            400,
            "Expected regression signature method_name to be "
            "tensorflow/serving/regress. Was: tensorflow/serving/predict",
        ),
        ("foo:regress", 404, NOT_SERVABLE + "Latest(foo)"),
    ],
)
def test_post_is_refused(server, path, status, message):
    body = '{"examples":[{"x":2.0}],"instances":[1.0]}'
    answer = server.ask("POST", f"/v1/models/{path}", content=body)
    assert (answer.status_code, answer.json()) == (status, {"error": message})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["classify", "regress"])
def test_classify_and_regress_need_a_signature_that_exists(server, method):
    body = '{"signature_name":"nope","examples":[{"x":2.0}]}'
    answer = server.ask("POST", f"/v1/models/H:{method}", content=body)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "No signature was found with the name: nope"},
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_any_other_method_is_malformed(server, method):
    answer = server.ask(method, "/v1/models/H")
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": f"Malformed request: {method} /v1/models/H"},
    )


@pytest.mark.parametrize(
    "path", ["/V1/Models/H:PREDICT", "/v1/models/%48%3Apredict", "/v1/models/H:predict"]
)
def test_paths_are_case_insensitive_and_percent_decoded(server, path):
    answer = server.ask("POST", path, content='{"instances":[2.0]}')
    assert (answer.status_code, answer.text) == (200, '{"predictions":[3.0]}')


def test_the_newest_version_answers_and_older_ones_by_number(tmp_path):
    publish(tmp_path, "M", half_plus_two(), version=2)
    publish(tmp_path, "M", half_plus_two(("batch", 1)), version=10)
    server = InProcess(create_app(Settings(tmp_path)))
    assert get(server, "/v1/models/M") == (
        200,
        {"model_version_status": [available("10"), available("2")]},
    )
    assert get(server, "/v1/models/M/metadata")[1]["model_spec"]["version"] == "10"
    for path, instance in (("M", [2.0]), ("M/versions/2", 2.0)):
        body = json.dumps({"instances": [instance]})
        answer = server.ask("POST", f"/v1/models/{path}:predict", content=body)
        assert answer.status_code == 200


def test_the_application_mounts_below_a_prefix(repository):
    from starlette.applications import Starlette
    from starlette.routing import Mount

    inner = create_app(Settings(repository))
    server = InProcess(Starlette(routes=[Mount("/served", inner)]))
    answer = server.ask(
        "POST", "/served/v1/models/H:predict", content='{"instances":[2.0]}'
    )
    assert (answer.status_code, answer.text) == (200, '{"predictions":[3.0]}')
    assert get(server, "/served/v1/x") == (
        400,
        {"error": "Malformed request: GET /v1/x"},
    )


def test_an_unforeseen_failure_is_answered_in_the_same_form(server, monkeypatch):
    def fail(self, inputs):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Session, "run", fail)
    answer = server.ask("POST", "/v1/models/H:predict", content='{"instances":[2.0]}')
    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "The server failed; its log says how."},
    )
