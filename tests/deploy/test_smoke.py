"""The smoke client of TensorFlow Serving's folder, against the server of our own."""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from serving_models import (
    change_byte,
    half_plus_two,
    identity,
    lenet,
    publish,
    sum_and_product,
)
from serving_process import serve

SMOKE = Path(__file__).parents[2] / "serving/deploy/tensorflow_serving/smoke.py"
PASSED = """\
H
  ok      status                      available: 124, 123
  ok      metadata                    x -> y
  ok      predict, row form           2 predictions: 2.0
  ok      predict, column form        equal to the row form
  ok      predict, by version         version 124 answers
  ok      error: not JSON             HTTP 400 JSON Parse error: Missing a name for obj
  ok      error: no instances         HTTP 400 Missing 'inputs' or 'instances' key
  ok      error: unknown signature    HTTP 400 Serving signature name: "no_such" not fo
  ok      error: unknown version      HTTP 404 Servable not found for request: Specific
  ok      error: unknown model        HTTP 404 Servable not found for request: Latest(n
All checks passed.
"""


def smoke(*arguments):
    """Run the client; returns its exit status, output and errors."""
    result = subprocess.run(
        [sys.executable, "-I", SMOKE, *arguments], capture_output=True, text=True
    )
    return result.returncode, result.stdout, result.stderr


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    publish(root, "H", half_plus_two(), version=123)
    publish(root, "H", half_plus_two(), version=124)
    publish(root, "ab", sum_and_product())
    publish(root, "lenet", lenet())
    publish(root, "text", identity("str"))
    publish(root, "grid", identity("int64", ("rows", "columns")))
    change_byte(publish(root, "broken", half_plus_two()) / "model.onnx")
    with serve(root) as (_, url):
        yield url


def test_it_shows_what_the_server_says(url):
    assert smoke(url, "H") == (0, PASSED, "")


def test_every_kind_of_model_passes(url):
    status, output, errors = smoke(url, "ab", "lenet", "text", "grid")
    assert (status, errors) == (0, "")
    assert output.count("  ok  ") == 40
    assert output.endswith("All checks passed.\n")


def test_a_model_that_does_not_serve_fails(url):
    status, output, errors = smoke(url, "H", "broken")
    assert (status, errors) == (1, "")
    failed = [line.split() for line in output.splitlines() if "FAILED" in line]
    assert [" ".join(words[:3]) for words in failed] == [
        "FAILED status no",
        "FAILED metadata received",
        "FAILED predict, row",
        "FAILED predict, column",
        "FAILED predict, by",
        "FAILED error: no",
        "FAILED error: unknown",
    ]
    assert output.endswith("\n7 check(s) failed.\n")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"<html>", "HTTP 200, not JSON: b'<html>'"),
        (500, b"{}", "received HTTP 500 {}"),
        (200, b"{}", "no member 'model_version_status'"),
        (200, b"[]", "list indices must be integers or slices, not str"),
    ],
)
def test_another_server_fails(status, body, words):
    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        result = smoke(f"http://127.0.0.1:{server.server_port}", "H")
        server.shutdown()
    assert result[::2] == (1, "")
    assert result[1].splitlines()[1] == f"  FAILED  status                      {words}"
    assert result[1].endswith("\n10 check(s) failed.\n")


def test_no_server_is_told_apart_from_a_wrong_one():
    assert smoke("http://127.0.0.1:1", "H") == (
        2,
        "H\n",
        "No answer from http://127.0.0.1:1: <urlopen error [Errno 111] Connection "
        "refused>.\n",
    )


def test_what_is_no_url_is_refused():
    status, output, errors = smoke("127.0.0.1:8501", "H")
    assert (status, output) == (2, "")
    assert errors.splitlines()[-1] == (
        "smoke.py: error: '127.0.0.1:8501' is no URL such as http://127.0.0.1:8501"
    )
