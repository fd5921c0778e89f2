"""The description of the server: valid, whole, and true of what is answered."""

import re

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from serving_http import InProcess
from serving_models import half_plus_two, publish, publish_numbers, sum_and_product
from starlette.routing import Route
from text_models import publish_text

from kerasheet_serving import Settings, create_app


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("described")
    publish(root, "H", half_plus_two())
    publish(root, "a.b_c-d", half_plus_two())
    publish(root, "ab", sum_and_product())
    publish_numbers(root, 1, 2)
    publish_text(root, "letters")
    return InProcess(create_app(Settings(root)))


@pytest.fixture(scope="module")
def document(server):
    answer = server.ask("GET", "/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_description_is_openapi(document):
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_an_empty_repository_is_described_too(tmp_path):
    document = InProcess(create_app(Settings(tmp_path))).ask("GET", "/openapi.json")
    assert list(OpenAPIV31SpecValidator(document.json()).iter_errors()) == []


def test_every_route_is_described(server, document):
    described = {re.sub(r"\{\w+\}", "{}", path) for path in document["paths"]}
    routes = [one for one in server.app.routes if type(one) is Route]
    assert len(routes) > 10
    for route in routes:
        path = re.sub(r"\{\w+\}", "{}", route.path)
        assert path in described
    for which in ("", "/versions/{version}", "/labels/{label}"):
        base = "/v1/models/{name}" + which
        assert "get" in document["paths"][base]
        assert "get" in document["paths"][base + "/metadata"]
        for method in ("predict", "classify", "regress", "generate"):
            assert "post" in document["paths"][f"{base}:{method}"]


def test_the_models_that_serve_have_paths_with_their_tensors(document):
    paths = document["paths"]
    for path in (
        "/v1/models/H:predict",
        "/v1/models/H:classify",
        "/v1/models/H:regress",
        "/v1/models/a.b_c-d:predict",
        "/v1/models/letters:generate",
        "/v2/models/ab/infer",
    ):
        assert "post" in paths[path], path
    assert "/v1/models/ab:classify" not in paths
    assert "/v1/models/H:generate" not in paths


def test_what_the_examples_ask_is_answered_as_described(server, document):
    count = 0
    for path, operations in document["paths"].items():
        body = operations.get("post", {}).get("requestBody", {})
        media = body.get("content", {}).get("application/json", {})
        for example in media.get("examples", {}).values():
            jsonschema.validate(example["value"], media["schema"])
            answer = server.ask("POST", path, json=example["value"])
            assert answer.status_code == 200, (path, answer.text)
            responses = operations["post"]["responses"]
            schema = responses["200"]["content"]["application/json"]["schema"]
            resolved = {**schema, "components": document["components"]}
            jsonschema.validate(answer.json(), resolved)
            count += 1
    assert count >= 5


def test_a_model_is_described_to_answer_what_the_protocol_is(document):
    paths = document["paths"]
    for method, kind in ((":generate", "text/event-stream"), (":predict", None)):
        own = paths[f"/v1/models/letters{method}"]["post"]["responses"]["200"]
        general = paths[f"/v1/models/{{name}}{method}"]["post"]["responses"]["200"]
        assert own["content"] == general["content"]
        assert len(own["content"]) == (1 if kind is None else 2)
        assert kind is None or kind in own["content"]
    own = paths["/v2/models/H/infer"]["post"]["responses"]["200"]
    general = paths["/v2/models/{name}/infer"]["post"]["responses"]["200"]
    assert own["content"] == general["content"]
    assert "application/octet-stream" in own["content"]
