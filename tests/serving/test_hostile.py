"""What a client does by mistake or on purpose: it hurts nobody and reads no file."""

import gzip
import json
import re
import socket
import struct

import httpx
import pytest
from raw_http import connect, read_all, until
from serving_models import half_plus_two, publish
from serving_process import serve
from text_models import publish_text

PREDICT = "/v1/models/H:predict"
BODY = b'{"instances":[2.0]}'
LIMIT = 1_000_000
SECRET = b"the content of a file outside"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    (root / "secret.txt").write_bytes(SECRET)
    (root / "outside" / "1").mkdir(parents=True)
    (root / "outside" / "1" / "model.onnx").write_bytes(SECRET)
    models = root / "models"
    publish(models, "H", half_plus_two())
    publish_text(models, "letters")
    (models / "secret.txt").write_bytes(SECRET)
    (models / "linked").symlink_to(root / "outside")
    (models / "H" / "7").symlink_to(root / "outside" / "1")
    (models / "odd").mkdir()
    (models / "odd" / "1").mkdir()
    (models / "odd" / "1" / "model.onnx").symlink_to(root / "secret.txt")
    options = ("--max-request-bytes", str(LIMIT), "--body-seconds", "5")
    with serve(models, *options) as (process, url):
        yield url
        assert process.poll() is None


@pytest.fixture(autouse=True)
def _goes_on(url):
    """After whatever was sent, others are answered as before."""
    yield
    answer = httpx.post(url + PREDICT, content=BODY)
    assert (answer.status_code, answer.text) == (200, '{"predictions":[3.0]}')


def head(length, path=PREDICT, *more):
    lines = [f"POST {path} HTTP/1.1", "Host: s", f"Content-Length: {length}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("path", [PREDICT, "/v2/models/H/infer"])
@pytest.mark.parametrize("opening", ["[", '{"instances":[', '{"a":', '{"inputs":[[['])
def test_500_000_brackets_are_refused(url, path, opening):
    body = opening * 500_000
    answer = httpx.post(url + path, content=body[:LIMIT])
    assert answer.status_code == 400, answer.text
    assert answer.json().keys() == {"error"}


def test_bodies_over_the_limit_are_refused_however_they_are_sent(url):
    def chunks():
        for _ in range(LIMIT // 10_000 + 1):
            yield b" " * 10_000

    bomb = gzip.compress(b" " * 50 * LIMIT)
    assert len(bomb) < LIMIT
    gzipped = {"Content-Encoding": "gzip"}
    for path in (PREDICT, "/v2/models/H/infer"):
        whole = httpx.post(url + path, content=b" " * (LIMIT + 1))
        chunked = httpx.post(url + path, content=chunks())
        bombed = httpx.post(url + path, content=bomb, headers=gzipped)
        codes = (whole.status_code, chunked.status_code, bombed.status_code)
        assert codes == (413, 413, 413)


def test_half_requests_are_given_up(url):
    for sent in (
        head(1000) + BODY,
        head(1000),
        head(10)[:20],
        b"POST",
        b"\x16\x03\x01\x02\x00\x01",
        b"\x00" * 100,
        head("1000", PREDICT, "Transfer-Encoding: chunked") + b"5\r\nab",
    ):
        connection = connect(url)
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
        assert not answer or status_of(answer) in (400, 408, 499), answer


def test_connections_that_are_reset_are_forgotten(url):
    for sent in (head(1000) + BODY, head(len(BODY)) + BODY, head(10)[:20]):
        connection = connect(url)
        connection.sendall(sent)
        at_once = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        connection.close()


def test_work_ends_when_the_client_of_a_stream_leaves(url):
    asked = {"prompt": "a", "length": 4096, "stream": True}
    for _ in range(5):
        address = f"{url}/v1/models/letters:generate"
        with httpx.stream("POST", address, json=asked) as answer:
            assert answer.status_code == 200
            next(answer.iter_raw())

    def ended():
        metrics = httpx.get(f"{url}/metrics").text
        [line] = re.findall(r"^kerasheet_streams\{.*\} (.*)$", metrics, re.MULTILINE)
        return float(line) == 0

    until(ended)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Request-ID": "a" * 60_000},
        {"X-Request-ID": "a\tb"},
        {"Content-Encoding": "gzip, gzip"},
        {"Content-Encoding": "gzip"},
        {"Inference-Header-Content-Length": "9" * 5000},
        {"Inference-Header-Content-Length": "-1"},
        {"Accept": "text/event-stream," * 1000},
        {"Authorization": "Bearer " + "a" * 10_000},
        {"Content-Type": "é".encode()},
    ],
)
def test_odd_headers_are_answered(url, headers):
    for path in (PREDICT, "/v2/models/H/infer"):
        answer = httpx.post(url + path, content=BODY, headers=headers)
        assert answer.status_code in (200, 400, 431), answer.text


OUTSIDE = [
    "../secret.txt",
    "..%2fsecret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "..%5csecret.txt",
    "....//secret.txt",
    "%252e%252e%252fsecret.txt",
    "..%c0%afsecret.txt",
    "secret.txt",
    "secret.txt%00",
    "%00",
    "%ff%fe",
    "%",
    "%zz",
    "linked",
    "odd",
    "H/versions/7",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "H/../../secret.txt",
    "file:%2f%2f%2fetc%2fpasswd",
]
BELOW = [
    "/{}",
    "/page/{}",
    "/v1/models/{}",
    "/v1/models/{}/metadata",
    "/v2/models/{}",
    "/v2/models/{}/ready",
]
POSTED = ["/v1/models/{}:predict", "/v2/models/{}/infer"]
POSTED += ["/v2/repository/models/{}/load", "/v1/models/{}:generate"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_path_reads_a_file_that_is_not_a_model(url, name):
    for method, paths in (("GET", BELOW), ("POST", POSTED)):
        for path in paths:
            connection = connect(url)
            body = BODY if method == "POST" else b""
            line = f"{method} {path.format(name)} HTTP/1.1\r\nHost: s\r\n"
            line += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(line.encode("latin-1") + body)
            answer = read_all(connection)
            assert status_of(answer) in (200, 400, 404), answer
            assert SECRET not in answer
            assert b"root:" not in answer
            if status_of(answer) == 200:  # it is told why it does not serve
                assert (method, path) == ("GET", "/v1/models/{}")
                assert b"leads out of the repository" in answer


def test_members_that_name_files_read_none(url):
    for member in ("../secret.txt", "/etc/passwd", {"b64": "Li4vc2VjcmV0LnR4dA=="}):
        for body in (
            {"instances": [member]},
            {"inputs": {"x": member}},
            {"signature_name": str(member), "instances": [1.0]},
        ):
            answer = httpx.post(url + PREDICT, content=json.dumps(body))
            assert answer.status_code == 400
            assert SECRET not in answer.content
