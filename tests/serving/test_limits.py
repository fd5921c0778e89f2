"""What is too large, too much or too slow is refused, and the rest is answered."""

import base64
import gzip
import io
import json
import time

import httpx
import pytest
from held_model import Held
from PIL import Image
from raw_http import connect, read_all
from serving_http import InProcess
from serving_models import half_plus_two, identity, publish
from serving_process import serve

from kerasheet_serving import Settings, create_app
from kerasheet_serving.v1.image_bytes import ImageFiles

PREDICT = "/v1/models/M:predict"
BODY = '{"instances":[2.0]}'


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    publish(path, "M", half_plus_two())
    publish(
        path,
        "images",
        identity("float32", ("batch", 10, 10, 3)),
        preprocessing={"scale": 1.0},
    )
    return path


def tensor_error(size, most):
    return {
        "error": f"The tensors of the request have {size} bytes, more than the {most} "
        "that this server computes at a time. Send fewer instances."
    }


def test_tensors_that_are_too_large_are_refused_in_both_protocols(root):
    server = InProcess(create_app(Settings(root, max_tensor_bytes=40)))
    for count, status in ((10, 200), (11, 413)):
        rows = [0.5] * count
        tensor = {"name": "x", "datatype": "FP32", "shape": [count], "data": rows}
        v1 = server.ask("POST", PREDICT, content=json.dumps({"instances": rows}))
        v2 = server.ask("POST", "/v2/models/M/infer", json={"inputs": [tensor]})
        assert (v1.status_code, v2.status_code) == (status, status)
    assert v1.json() == v2.json() == tensor_error(44, 40)


def test_many_small_images_are_refused_before_any_is_decoded(root, monkeypatch):
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG")
    one = {"b64": base64.b64encode(file.getvalue()).decode()}
    server = InProcess(create_app(Settings(root, max_tensor_bytes=2400)))

    def ask(count):
        body = {"signature_name": "predict_bytes", "instances": [one] * count}
        return server.ask("POST", "/v1/models/images:predict", content=json.dumps(body))

    assert ask(2).status_code == 200
    monkeypatch.setattr(Image, "open", None)
    answer = ask(3)
    assert (answer.status_code, answer.json()) == (413, tensor_error(3600, 2400))


def test_a_body_is_refused_by_its_size_decompressed_or_not(root):
    server = InProcess(create_app(Settings(root, max_request_bytes=1000)))
    for body, headers in (
        (b" " * 1001, {}),
        (gzip.compress(b" " * 1001), {"Content-Encoding": "gzip"}),
    ):
        answer = server.ask("POST", PREDICT, content=body, headers=headers)
        assert answer.status_code == 413


def test_an_answer_that_takes_too_long_is_504(root):
    held = Held(Settings(root, poll_seconds=0, request_seconds=0.05))
    answer = InProcess(held.app).ask("POST", PREDICT, content=BODY)
    held.released.set()
    assert (answer.status_code, answer.json()) == (
        504,
        {"error": "There was no answer within 0.05 s."},
    )


def test_beyond_the_most_requests_only_those_who_watch_are_answered(root):
    held = Held(Settings(root, poll_seconds=0, max_requests=1))
    others = [(PREDICT, BODY), ("/v2/health/ready",), ("/metrics",)]
    first, second, health, metrics = held.ask((PREDICT, BODY), others, at_once=True)
    assert (first.status_code, health.status_code, metrics.status_code) == (200,) * 3
    assert (second.status_code, second.json()) == (
        503,
        {
            "error": "1 requests are being answered, and no more may be. Ask again in "
            "1 s."
        },
    )
    assert second.headers["retry-after"] == "1"
    again = InProcess(held.app).ask("POST", PREDICT, content=BODY)
    assert again.status_code == 200


def test_bodies_that_are_held_together_have_a_limit(root):
    settings = Settings(root, poll_seconds=0, max_request_bytes=30, max_held_bytes=30)
    held = Held(settings)
    first, second = held.ask((PREDICT, BODY), [(PREDICT, BODY)], at_once=True)
    assert first.status_code == 200
    assert (second.status_code, second.json()) == (
        503,
        {
            "error": "The requests being answered have 38 bytes, more than the 30 that "
            "may be held. Ask again in 1 s."
        },
    )
    again = InProcess(held.app).ask("POST", PREDICT, content=BODY)
    assert again.status_code == 200


def test_bodies_that_are_held_count_as_they_are_decompressed(root):
    settings = Settings(
        root, poll_seconds=0, max_request_bytes=900, max_held_bytes=1000
    )
    held = Held(settings)
    body = BODY.encode() + b" " * 800
    request = (PREDICT, gzip.compress(body), {"Content-Encoding": "gzip"})
    first, second = held.ask(request, [request], at_once=True)
    assert first.status_code == 200
    assert (second.status_code, second.json()) == (
        503,
        {
            "error": f"The requests being answered have {2 * len(body)} bytes, more "
            "than the 1000 that may be held. Ask again in 1 s."
        },
    )


@pytest.mark.parametrize(
    ("seconds", "pause", "status"), [(30.0, 0.05, 200), (0.5, 1.0, 504)]
)
def test_large_images_of_several_requests_are_decoded_one_after_the_other(
    root, monkeypatch, seconds, pause, status
):
    """Each takes many times its bytes in memory, also when nobody waits any more."""
    decoding, most = set(), []
    decode = ImageFiles.decode

    def watched(files):
        decoding.add(files)
        most.append(len(decoding))
        time.sleep(pause)
        decoding.remove(files)
        return decode(files)

    monkeypatch.setattr(ImageFiles, "decode", watched)
    file = io.BytesIO()
    Image.new("RGB", (300, 300)).save(file, "PNG")
    image = {"b64": base64.b64encode(file.getvalue()).decode()}
    body = json.dumps({"signature_name": "predict_bytes", "instances": [image]})
    server = InProcess(create_app(Settings(root, request_seconds=seconds)))
    answers = server.ask_at_once("POST", "/v1/models/images:predict", 5, content=body)
    assert {answer.status_code for answer in answers} == {status}
    assert set(most) == {1}
    assert len(most) == 5 or status == 504


def test_a_client_that_is_too_slow_is_answered_408(root):
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: s\r\nContent-Length: 1000\r\n\r\n"
    beginnings = {
        "a body that does not end": (head + BODY).encode(),
        "a body that does not begin": head.encode(),
        "half a head": head[:30].encode(),
        "nothing": b"",
    }
    with serve(root, "--body-seconds", "1") as (_, url):
        kept = connect(url)
        kept.sendall(f"GET /v2/health/live HTTP/1.1\r\nHost: s\r\n\r\n{head}".encode())
        sockets = {}
        for name, beginning in beginnings.items():
            sockets[name] = connect(url)
            sockets[name].sendall(beginning)
        answers = {name: read_all(one) for name, one in sockets.items()}
        after_another = read_all(kept)
        assert httpx.post(url + PREDICT, content=BODY).status_code == 200
    for name, answer in answers.items():
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n"), name
    assert after_another.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 408 Request Timeout\r\n" in after_another
    assert answers["a body that does not end"].endswith(
        b'{"error": "The request did not come in whole within 1 s."}'
    )
