"""Liveness and readiness."""

import pytest
from serving_http import InProcess
from serving_models import change_byte, half_plus_two, publish

from kerasheet_serving import Settings, create_app


def test_a_server_with_models_is_live_and_ready(server):
    live = server.ask("GET", "/v2/health/live")
    ready = server.ask("GET", "/v2/health/ready")
    assert (live.status_code, live.json()) == (200, {"live": True})
    assert (ready.status_code, ready.json()) == (200, {"ready": True})


def test_a_server_whose_models_are_all_refused_is_live_but_not_ready(tmp_path):
    change_byte(publish(tmp_path, "M", half_plus_two()) / "model.onnx")
    server = InProcess(create_app(Settings(tmp_path)))
    assert server.ask("GET", "/v2/health/live").status_code == 200
    ready = server.ask("GET", "/v2/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"ready": False})


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_health_is_only_for_reading(server, method):
    answer = server.ask(method, "/v2/health/live")
    assert (answer.status_code, answer.json()) == (
        405,
        {"error": f"Method Not Allowed: {method} /v2/health/live"},
    )
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
