"""Clients that ask and do not take their answers hold up nobody for long."""

import json
import socket
import ssl
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
TLS = Path(__file__).parent / "tls"
SECURED = ("--tls-cert", TLS / "cert.pem", "--tls-key", TLS / "key.pem")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    publish(path, "M", half_plus_two())
    publish(path, "same", identity("float32", ("batch", "n")))
    return path


def connect(url, unread=4096):
    """A connection of which the system takes in no more than so many bytes unread."""
    parts = urlsplit(url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, unread)
    connection.settimeout(20)
    connection.connect((parts.hostname, parts.port))
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=TLS / "cert.pem")
        return context.wrap_socket(connection, server_hostname=parts.hostname)
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
    context = ssl.create_default_context(cafile=TLS / "cert.pem")
    path = f"{url}/v1/models/M:predict"
    return httpx.post(path, content=body, verify=context).status_code


@pytest.mark.parametrize("options", [(), SECURED])
def test_who_takes_nothing_loses_the_connection_and_others_are_answered(root, options):
    options = ("--max-requests", "1", "--request-seconds", "1", *options)
    with serve(root, *options) as (_, url), ExitStack() as open_ones:
        unread = open_ones.enter_context(connect(url))
        unread.sendall(large_question())
        until(lambda: status(url) == 503)
        until(lambda: status(url) == 200)  # so it is not being answered any more
        assert len(read_all(unread)) < 4 * NUMBERS


def test_who_leaves_the_end_of_an_answer_does_not_keep_a_stopping_server(root):
    """It has some thousands of bytes for the client, which nobody takes."""
    with serve(root, "--request-seconds", "0.5") as (process, url), ExitStack() as held:
        for _ in range(3):
            unread = held.enter_context(connect(url))
            unread.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: s\r\n\r\n" * 20)
        time.sleep(0.2)  # so that the system and the server hold what they can
        begin = time.monotonic()
        process.terminate()
        assert process.wait(20) == 0
        assert time.monotonic() < begin + 15  # of the 30 s that it may take


def test_who_takes_an_answer_slowly_gets_all_of_it(root):
    with serve(root, "--request-seconds", "1") as (_, url), ExitStack() as held:
        slow = held.enter_context(connect(url, 64 * 1024))
        slow.sendall(large_question())
        taken = b""
        while len(taken) < 4 * NUMBERS:
            time.sleep(0.08)  # in all, more than the limit
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
