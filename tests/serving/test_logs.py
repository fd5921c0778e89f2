"""What is logged: events and requests, as text or JSON, with the id of the request."""

import json
import logging
import re
import signal
import sys

import httpx
import pytest
from serving_http import InProcess
from serving_models import change_byte, half_plus_two, publish
from serving_process import serve

from kerasheet_serving import Settings, create_app
from kerasheet_serving.logs import JsonLines

PREDICT = "/v1/models/M:predict"
BODY = '{"instances":[2.0]}'


@pytest.fixture
def root(tmp_path):
    publish(tmp_path, "M", half_plus_two(), version=7)
    return tmp_path


@pytest.fixture
def server(root):
    return InProcess(create_app(Settings(root)))


def test_json_logs_have_a_line_for_every_event_and_request(root):
    change_byte(publish(root, "broken", half_plus_two()) / "model.onnx")
    options = ("--log-format", "json", "--log-level", "info")
    with serve(root, *options) as (process, url):
        httpx.post(url + PREDICT, content=BODY, headers={"X-Request-ID": "mine"})
        made = httpx.get(f"{url}/v1/models/nope?x=1").headers["x-request-id"]
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    lines = [json.loads(line) for line in errors.splitlines()]
    times = [line.pop("time") for line in lines]
    assert times == sorted(times)
    for time in times:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)
    assert lines[0]["level"] == "warning"
    assert lines[0]["message"].startswith("Refused version 1 of model broken: ")
    first, second = (line for line in lines if "status" in line)
    assert 0 < first.pop("seconds") < 60
    assert first.pop("message").startswith(f"POST {PREDICT} 200 in ")
    assert first == {
        "level": "info",
        "logger": "kerasheet_serving.web.request_context",
        "request_id": "mine",
        "method": "POST",
        "path": PREDICT,
        "status": 200,
        "model": "M",
        "version": 7,
    }
    assert (second["path"], second["status"]) == ("/v1/models/nope", 404)
    assert second["request_id"] == made
    assert "model" not in second


def test_a_sane_id_is_kept_and_any_other_is_replaced(server):
    for shown in (
        "a",
        "0af7651916cd43dd8448eb211c80319c",
        "A-b_c.d:e/f+g=@",
        "x" * 128,
    ):
        answer = server.ask("GET", "/v2", headers={"X-Request-ID": shown})
        assert answer.headers["x-request-id"] == shown
    made = set()
    for shown in ("", "a b", 'a"b', "é", "x" * 129, "a,b"):
        headers = {"X-Request-ID": shown.encode("latin-1")}
        answer = server.ask("GET", "/nope", headers=headers)
        made.add(answer.headers["x-request-id"])
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert len(made) == 6


def test_requests_are_logged_at_the_level_of_information_only(server, caplog):
    with caplog.at_level(logging.WARNING):
        server.ask("GET", "/v2")
    assert caplog.records == []
    with caplog.at_level(logging.INFO, "kerasheet_serving"):
        server.ask("GET", "/v2/a%0Ab")
    [record] = caplog.records
    assert record.getMessage().startswith("GET /v2/a%0Ab 404 in ")


def test_a_fault_is_logged_with_its_request_and_answered_with_its_id(root, caplog):
    app = create_app(Settings(root))

    def fail(inputs):
        raise ZeroDivisionError("a bug")

    app.state.registry.find("M").session.run = fail
    answer = InProcess(app).ask(
        "POST", PREDICT, content=BODY, headers={"X-Request-ID": "mine"}
    )
    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "The server failed; its log says how."},
    )
    assert answer.headers["x-request-id"] == "mine"
    [record] = caplog.records
    assert record.getMessage() == f"Failed to answer {PREDICT}, request mine"
    assert record.exc_info[0] is ZeroDivisionError


def test_a_line_of_json_stays_one_line_whatever_is_in_it():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord(
            "name", logging.ERROR, "file", 1, "a\n%s", ("b",), sys.exc_info()
        )
    text = JsonLines().format(record)
    line = json.loads(text)
    assert "\n" not in text
    assert (line["level"], line["message"]) == ("error", "a\nb")
    assert line["traceback"].endswith("ValueError: two\nlines")
    assert "request_id" not in line
