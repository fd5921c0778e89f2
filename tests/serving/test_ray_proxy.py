"""What Ray Serve answers by itself, as a client sees it."""

import pytest
from serving_http import InProcess
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse

from kerasheet_serving.ray.proxy import Refusals, middlewares

LOST = '{"error": "What computed this answer was lost. Ask again."}'


def ask(proxy):
    """Ask a proxy that the middleware wraps, as Ray Serve wraps its own."""
    [middleware] = middlewares()
    assert middleware.cls is Refusals
    return InProcess(middleware.cls(proxy)).ask("GET", "/v1/models/H")


async def nothing(scope, receive, send):
    """What a proxy of Ray Serve sends of a replica that is gone."""


def test_what_a_lost_replica_took_along_may_be_asked_again():
    answer = ask(nothing)
    assert (answer.status_code, answer.text) == (503, LOST)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("status", "retry"), [(503, "1"), (408, None), (404, None), (500, None)]
)
def test_plain_words_of_a_refusal_become_an_error_of_the_protocol(status, retry):
    answer = ask(PlainTextResponse('no "replica"', status))
    assert (answer.status_code, answer.json()) == (status, {"error": 'no "replica"'})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get("retry-after") == retry


def test_a_refusal_in_parts_is_put_together():
    async def parts():
        yield "no "
        yield "replica"

    answer = ask(StreamingResponse(parts(), 503, media_type="text/plain"))
    assert answer.json() == {"error": "no replica"}


@pytest.mark.parametrize(
    "response",
    [
        JSONResponse({"predictions": [1.0]}),
        JSONResponse({"error": "Servable not found for request: Latest(foo)"}, 404),
        PlainTextResponse("kerasheet_requests_total 1"),
    ],
)
def test_answers_of_the_application_are_left_as_they_are(response):
    answer = ask(response)
    assert (answer.status_code, answer.content) == (response.status_code, response.body)
    assert answer.headers.raw == response.raw_headers
