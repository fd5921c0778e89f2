"""Counting what an application answers."""

import pytest
from serving_http import InProcess
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from kerasheet_serving.web.draining import Draining
from kerasheet_serving.web.request_context import RequestContext
from kerasheet_serving.web.served import note_served


class Counted:
    """Metrics that only remember what they are told."""

    def __init__(self):
        self.requests = []

    def count_request(self, *request):
        self.requests.append(request)


async def predict(request):
    note_served(request.scope, "H", 123, "predict")
    return Response(status_code=int(request.query_params["code"]))


async def fail(request):
    note_served(request.scope, "H", 123, "predict")
    raise KeyError


@pytest.fixture
def counted():
    return Counted()


@pytest.fixture
def app(counted):
    times = iter([10.0, 10.5])
    routes = [Route("/predict", predict), Route("/fail", fail)]
    app = Starlette(routes=routes)
    return RequestContext(app, Draining(), counted, lambda: next(times))


@pytest.mark.parametrize("code", [200, 404])
def test_an_answer_is_counted_with_who_gave_it_and_how_long_it_took(app, counted, code):
    assert InProcess(app).ask("GET", f"/predict?code={code}").status_code == code
    assert counted.requests == [("H", 123, "predict", code, 0.5)]


def test_a_failure_is_counted_as_one(app, counted):
    InProcess(app).ask("GET", "/fail")
    assert counted.requests == [("H", 123, "predict", 500, 0.5)]


def test_what_no_model_answers_is_counted_under_no_name(app, counted):
    InProcess(app).ask("GET", "/nope")
    assert counted.requests == [("", None, "other", 404, 0.5)]


def test_who_is_not_counted_may_say_who_answers_all_the_same():
    app = Starlette(routes=[Route("/predict", predict)])
    assert InProcess(app).ask("GET", "/predict?code=200").status_code == 200
