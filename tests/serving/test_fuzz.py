"""Requests that nobody wrote: none is answered 500, and all as they are described."""

import json
import random
from urllib.parse import unquote, urlsplit

import hypothesis
import jsonschema
import pytest
import schemathesis
from direct_requests import Direct
from fuzzed_models import publish_all
from mutations import spoil

from kerasheet_serving import Settings, create_app

# Requests for each endpoint: some made of the description, and each of them spoilt.
SHORT, LONG = (1, 5), (1000, 10)
FAILED = 500


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    root = publish_all(tmp_path_factory.mktemp("fuzzed"))
    return create_app(Settings(root, poll_seconds=0, max_request_bytes=100_000))


@pytest.fixture(scope="module")
def server(app):
    direct = Direct(app)
    yield direct
    direct.close()


def assert_described(operation, document, answer):
    """The answer is one of those that the description has, and as it has it."""
    responses = operation.definition.raw["responses"]
    assert str(answer.status_code) in responses, answer.text
    content = responses[str(answer.status_code)].get("content", {})
    kind = answer.headers["content-type"][0].split(";")[0]
    assert not content or kind in content, kind
    if kind == "application/json" and content:
        schema = content[kind]["schema"]
        components = {"components": document["components"]}
        jsonschema.validate(json.loads(answer.text), {**schema, **components})


def fuzz(server, app, operation, document, made, spoilt):
    """Ask an endpoint; returns the number of requests."""
    seed = random.Random(operation.label)
    asked = 0

    @hypothesis.seed(0)
    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=made,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def ask(case):
        nonlocal asked
        answer = case.call()
        assert_described(operation, document, answer)
        asked += 1
        method, path, body, headers = as_bytes(answer.request)
        for _ in range(spoilt):
            request = spoil(seed, method, path, body, headers)
            status, content = server.ask(*request)
            assert status != FAILED, (request, content)
            asked += 1

    ask()
    return asked


def as_bytes(request):
    body = request.body or b""
    content = body if isinstance(body, bytes) else str(body).encode()
    return request.method, unquote(urlsplit(request.url).path), content, []


def fuzz_all(server, app, made, spoilt):
    document = json.loads(server.ask("GET", "/openapi.json")[1])
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    counts = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        counts[operation.label] = fuzz(server, app, operation, document, made, spoilt)
    assert len(counts) == sum(map(len, document["paths"].values()))
    return counts


def test_no_made_up_request_fails(server, app):
    counts = fuzz_all(server, app, *SHORT)
    assert sum(counts.values()) > 300


@pytest.mark.soak
def test_no_request_of_ten_thousand_for_each_endpoint_fails(server, app, capsys):
    counts = fuzz_all(server, app, *LONG)
    with capsys.disabled():
        print("", *(f"{count} {label}" for label, count in counts.items()), sep="\n")
        print(server.statuses)
