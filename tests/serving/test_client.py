"""The client, against a server in a process of its own."""

import http.server
import socket
import threading

import numpy as np
import pytest
from serving_process import serve

from kerasheet_serving import Client, InvalidArgument, NotFound, ServingError
from kerasheet_serving.errors import Unavailable, Unimplemented


@pytest.fixture(scope="module")
def client(repository):
    with serve(repository) as (_, url):
        yield Client(url)


@pytest.mark.parametrize(
    "instances",
    [[2.0, 3.0], np.float32([2, 3]), np.array([2, 3]), [np.float32(2), np.float64(3)]],
    ids=["list", "float32", "integers", "scalars"],
)
def test_predicts_from_lists_and_arrays(client, instances):
    assert client.predict("H", instances) == [3.0, 3.5]
    assert client.predict("H", inputs=instances) == [3.0, 3.5]
    assert client.predict("H", instances, version=123) == [3.0, 3.5]


def test_predicts_with_several_inputs(client):
    a, b = np.float32([1, 2]), np.float32([3, 4])
    assert client.predict("ab", inputs={"a": a, "b": b}) == {
        "sum": [4.0, 6.0],
        "product": [3.0, 8.0],
    }
    rows = [{"a": x, "b": y} for x, y in zip(a, b, strict=True)]
    assert client.predict("ab", rows) == [
        {"sum": 4.0, "product": 3.0},
        {"sum": 6.0, "product": 8.0},
    ]


def test_sends_bytes_as_base64(client):
    assert client.predict("text", [b"hello", "world"]) == ["hello", "world"]


def test_a_float32_comes_back_as_it_went(client):
    numbers = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    answer = np.array(client.predict("grid", numbers)).astype(np.float32)
    np.testing.assert_array_equal(answer, numbers)


def test_tells_the_state_of_a_model(client):
    assert client.status("H") == [
        {
            "version": "123",
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
    ]


def test_tells_the_inputs_of_a_model(client):
    assert client.metadata("H")["model_spec"] == {
        "name": "H",
        "signature_name": "",
        "version": "123",
    }


def test_tells_whether_the_server_is_live_and_ready(client):
    assert client.live()
    assert client.ready()


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (NotFound, "Servable not found for request: Latest(foo)", ("foo", [1.0])),
        (NotFound, "Servable not found for request: Latest(a b%)", ("a b%", [1.0])),
        (
            InvalidArgument,
            "Failed to process element: 0 of 'instances' list. "
            'Error: INVALID_ARGUMENT: JSON Value: "x" Type: String '
            "is not of expected type: float",
            ("H", ["x"]),
        ),
    ],
)
def test_raises_the_server_s_errors(client, error, message, arguments):
    with pytest.raises(error) as raised:
        client.predict(*arguments)
    assert str(raised.value) == message


def test_raises_what_the_server_does_not_implement(client):
    with pytest.raises(Unimplemented) as raised:
        client.predict("float16", inputs=[1])
    assert str(raised.value) == "Conversion of JSON Value: 1 to type: half"


@pytest.mark.parametrize(
    ("arguments", "received"),
    [({}, "neither"), ({"instances": [1.0], "inputs": [1.0]}, "both")],
)
def test_refuses_to_ask_without_one_of_instances_and_inputs(arguments, received):
    with pytest.raises(TypeError) as raised:
        Client("http://127.0.0.1:1").predict("H", **arguments)
    assert str(raised.value) == (
        "Client.predict of model 'H' needs either instances or inputs, "
        f"received {received}."
    )


def test_refuses_to_send_what_json_has_no_word_for():
    with pytest.raises(TypeError) as raised:
        Client("http://127.0.0.1:1").predict("H", [1j])
    assert str(raised.value) == (
        "Client sends numbers, strings, bytes, arrays, and lists and dicts of them, "
        "received 1j."
    )


def test_says_what_to_do_when_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable) as raised:
        Client(f"http://127.0.0.1:{port}/").predict("H", [1.0])
    assert str(raised.value) == (
        f"No answer from http://127.0.0.1:{port}: [Errno 111] Connection refused. "
        "Start a server there with `kerasheet-serve REPOSITORY`."
    )


def test_gives_up_when_the_server_is_silent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(Unavailable) as raised:
            Client(url, timeout=0.05).live()
    assert str(raised.value) == (
        f"No answer from {url}: timed out. "
        "Start a server there with `kerasheet-serve REPOSITORY`."
    )


def test_says_so_when_something_else_answers(tmp_path):
    class Files(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Files) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        with pytest.raises(ServingError) as raised:
            Client(f"http://127.0.0.1:{other.server_port}").status("H")
        other.shutdown()
        thread.join()
    assert str(raised.value).startswith("HTTP 404, and not JSON of a model server: b'<")


@pytest.mark.parametrize("url", ["127.0.0.1:8501", "ftp://server", "http://"])
def test_refuses_a_url_it_cannot_use(url):
    with pytest.raises(ValueError, match="Client needs") as raised:
        Client(url)
    assert str(raised.value) == (
        f"Client needs a URL such as 'http://127.0.0.1:8501'. Received: {url!r}."
    )
