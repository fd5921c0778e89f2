"""Clients that ask and do not take their answers hold up nobody for long."""

import json
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from raw_http import read_all, until
from serving_models import half_plus_two, identity, publish
from serving_process import serve

MEBIBYTE = 2**20
NUMBERS = 2 * MEBIBYTE  # in an answer, of four bytes each


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    publish(path, "M", half_plus_two())
    publish(path, "same", identity("float32", ("batch", "n")))
    return path


def connect(url):
    """A connection of which the system takes in next to nothing unread."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect((urlsplit(url).hostname, urlsplit(url).port))
    return connection


def large_question():
    tensor = {"name": "x", "datatype": "FP32", "shape": [1, NUMBERS]}
    tensor["parameters"] = {"binary_data_size": 4 * NUMBERS}
    asked = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
    head = json.dumps(asked).encode()
    return (
        (
            b"POST /v2/models/same/infer HTTP/1.1\r\nHost: s\r\n"
            b"Inference-Header-Content-Length: %d\r\nContent-Length: %d\r\n\r\n"
            % (len(head), len(head) + 4 * NUMBERS)
        )
        + head
        + bytes(4 * NUMBERS)
    )


def resident_bytes(process):
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096


def status(url):
    body = '{"instances":[2.0]}'
    return httpx.post(f"{url}/v1/models/M:predict", content=body).status_code


def test_who_takes_nothing_loses_the_connection_and_others_are_answered(root):
    options = ("--max-requests", "2", "--request-seconds", "1")
    with serve(root, *options) as (_, url), ExitStack() as open_ones:
        unread = [open_ones.enter_context(connect(url)) for _ in range(2)]
        for connection in unread:
            connection.sendall(large_question())
        until(lambda: status(url) == 503)
        until(lambda: status(url) == 200)
        for connection in unread:
            assert len(read_all(connection)) < 4 * NUMBERS


def test_who_takes_an_answer_slowly_gets_all_of_it(root):
    with serve(root, "--request-seconds", "0.3") as (_, url), connect(url) as slow:
        slow.sendall(large_question())
        taken = b""
        while len(taken) < 4 * NUMBERS:
            time.sleep(0.01)  # in all, many times the limit
            part = slow.recv(256 * 1024, socket.MSG_WAITALL)
            assert part, len(taken)
            taken += part
    assert taken.startswith(b"HTTP/1.1 200 OK")


def test_answers_that_nobody_takes_do_not_fill_the_memory(root):
    most = 32 * MEBIBYTE
    options = ("--max-held-bytes", str(most), "--max-request-bytes", str(most))
    with serve(root, *options) as (process, url), ExitStack() as open_ones:
        begun = resident_bytes(process)
        statuses = []
        for _ in range(20):  # 160 MB
            connection = open_ones.enter_context(connect(url))
            connection.sendall(large_question())
            statuses.append(connection.recv(12)[-3:])
        grown = resident_bytes(process) - begun
    assert statuses[0] == b"200"
    assert statuses[-1] == b"503"
    # What is held, as it came and as an array, and the answer made of it.
    assert grown < 4 * most
