"""Clients that leave, read slowly, or ask for a version that is replaced."""

import asyncio
import json
import socket
import time
import urllib.request

import pytest
from serving_process import serve
from test_generate import likeliest
from text_models import publish_text

from kerasheet_serving import Settings, create_app

WANTED = {"prompt": "hello", "length": 4096}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Of a server whose model takes seconds for so long a text."""
    root = tmp_path_factory.mktemp("texts")
    publish_text(root, "M", units=512, layers=3)
    with serve(root, "--threads", "1", "--grpc-port", "off") as (_, url):
        yield url


def metric(url, name):
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    [value] = [line.split()[-1] for line in lines if line.startswith(name + "{")]
    return float(value)


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("stream", [True, False])
def test_the_text_of_a_client_that_leaves_is_written_no_further(url, stream):
    before = metric(url, "kerasheet_step_texts_count")
    host, port = url.removeprefix("http://").split(":")
    body = json.dumps({**WANTED, "stream": stream}).encode()
    head = f"POST /v1/models/M:generate HTTP/1.1\r\nHost: {host}\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        wait_for(lambda: metric(url, "kerasheet_step_texts_count") > before)
        if stream:
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
    wait_for(lambda: metric(url, "kerasheet_streams") == 0)
    steps = metric(url, "kerasheet_step_texts_count")
    tokens = urllib.request.Request(
        f"{url}/v1/models/M:generate", b'{"prompt": "a", "length": 4}'
    )
    urllib.request.urlopen(tokens, timeout=60).close()
    # A step may have been under way, and four tokens take three.
    assert metric(url, "kerasheet_step_texts_count") - steps <= 1 + 3
    assert steps - before < WANTED["length"] - 1


class SlowClient:
    """Asks an application, and takes nothing after the first events until told to."""

    def __init__(self, app, wanted):
        self.app, self.body = app, json.dumps(wanted).encode()
        self.goes_on, self.has_some = asyncio.Event(), asyncio.Event()
        self.received = b""
        self.requested = False

    async def receive(self):
        if self.requested:
            await asyncio.Event().wait()
        self.requested = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message):
        if self.has_some.is_set():
            await self.goes_on.wait()
        self.received += message.get("body", b"")
        if self.received:
            self.has_some.set()

    async def ask(self):
        path = "/v1/models/M:generate"
        scope = {"type": "http", "method": "POST", "path": path, "headers": []}
        await self.app(scope, self.receive, self.send)

    @property
    def last(self):
        name, data = self.received.decode().strip().split("\n\n")[-1].split("\n")
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_a_text_ends_on_the_version_it_began_with(tmp_path):
    path = publish_text(tmp_path, "M", version=1, seed=1)

    async def run():
        app = create_app(Settings(tmp_path, poll_seconds=0.01))
        wanted = {"prompt": "a", "length": 900, "temperature": 0, "stream": True}
        client = SlowClient(app, wanted)
        asked = asyncio.create_task(client.ask())
        await client.has_some.wait()
        publish_text(tmp_path, "M", version=2, seed=2)
        async with asyncio.timeout(60):
            while app.state.registry.find("M").number == 1:
                await asyncio.sleep(0.01)
        client.goes_on.set()
        await asked
        return client.last

    expected = "".join(likeliest(path, "a", 900))
    assert asyncio.run(run()) == ("done", {"text": expected})


def test_a_client_that_takes_nothing_is_left(tmp_path):
    publish_text(tmp_path, "M")

    async def run():
        settings = Settings(tmp_path, poll_seconds=0, request_seconds=3)
        app = create_app(settings)
        client = SlowClient(app, {"prompt": "a", "length": 900, "stream": True})
        await client.ask()
        assert app.state.registry.find("M").writer.texts == 0
        assert b"event: " not in client.received

    asyncio.run(run())


def test_a_text_that_is_not_there_in_time_is_told_so(tmp_path):
    publish_text(tmp_path, "M", units=512, layers=3)

    async def run():
        app = create_app(Settings(tmp_path, poll_seconds=0, request_seconds=0.2))
        client = SlowClient(app, WANTED)
        await client.ask()
        assert app.state.registry.find("M").writer.texts == 0
        return json.loads(client.received)

    assert asyncio.run(run()) == {"error": "There was no answer within 0.2 s."}
