"""Told to stop, the server answers all that it has accepted, and then ends."""

import http.client
import json
import math
import select
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from serving_http import InProcess
from serving_models import half_plus_two, publish, slow
from serving_process import grpc_address, listeners, serve, start_busy, wait_for

from kerasheet_serving import Client, Settings, create_app
from kerasheet_serving.web.listener import waiting

PREDICT = "/v1/models/M:predict"
LONG = [4000, 4000]  # several seconds of processor time for the slow model
STALLED = 0.3  # seconds; a client that does nothing for so long may find itself left


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    publish(path, "M", half_plus_two())
    publish(path, "slow", slow())
    return path


class Asker:
    """A client that asks again and again until the server tells it that this is over.

    Args:
        address: host and port of the server.
        keeps: whether it keeps its connection open from one request to the next.
    """

    def __init__(self, address, keeps):
        self.address, self.keeps = address, keeps
        self.answered, self.lost = 0, []
        self.connection = None

    def ask(self):
        try:
            self._ask()
        finally:
            if self.connection is not None:
                self.connection.close()

    def _ask(self):
        told, idle_since = False, 0.0
        while not told:
            if self.connection is None:
                idle_since = time.monotonic()  # at the latest, for the server
                self.connection = self.connect()
                if self.connection is None:
                    return
            stalled = time.monotonic() - idle_since > STALLED
            if select.select([self.connection.sock], [], [], 0)[0] and stalled:
                return  # left alone, as connections are that bring nothing
            sent = math.inf
            number = float(self.answered)
            body = json.dumps({"instances": [number]})
            try:
                headers = {} if self.keeps else {"Connection": "close"}
                self.connection.request("POST", PREDICT, body, headers)
                sent = time.monotonic()
                answer = self.connection.getresponse()
                got = answer.status, json.loads(answer.read())
                expected = 200, {"predictions": [0.5 * number + 2]}
                if got != expected:
                    self.lost.append(got)
                told = self.keeps and answer.getheader("connection") == "close"
                self.answered += 1
            except (OSError, http.client.HTTPException) as error:
                if min(sent, time.monotonic()) - idle_since <= STALLED:
                    self.lost.append(repr(error))
                return
            idle_since = time.monotonic()
            if not self.keeps:
                self.connection.close()
                self.connection = None

    def connect(self):
        """A connection; None once nobody listens."""
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            connection.connect()
        except ConnectionError:
            return None
        return connection


def address_of(url):
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


def refuses(url):
    try:
        socket.create_connection(address_of(url), 0.1).close()
    except (ConnectionRefusedError, TimeoutError):
        return True
    return False


def load_and_stop(root, workers, clients, least):
    with serve(root, "--workers", workers) as (process, url):
        wait_for(lambda: listeners(url) == workers)
        askers = [Asker(address_of(url), keeps=n % 2 == 0) for n in range(clients)]
        threads = [threading.Thread(target=asker.ask) for asker in askers]
        for thread in threads:
            thread.start()
        wait_for(lambda: all(asker.answered >= least for asker in askers))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        for thread in threads:
            thread.join(60)
    assert [lost for asker in askers for lost in asker.lost] == []
    assert (process.returncode, errors) == (0, "")
    return sum(asker.answered for asker in askers)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_request_that_was_accepted_is_answered(root, workers):
    load_and_stop(root, workers, clients=16, least=10)


@pytest.mark.soak
@pytest.mark.parametrize("workers", [1, 2])
def test_every_request_that_was_accepted_is_answered_each_time(root, workers):
    for _ in range(15):
        load_and_stop(root, workers, clients=64, least=5)


def test_a_listener_tells_who_waits_to_be_accepted():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert waiting(listener) == 0
        address = listener.getsockname()
        with socket.create_connection(address), socket.create_connection(address):
            wait_for(lambda: waiting(listener) == 2)
            listener.accept()[0].close()
            assert waiting(listener) == 1


def test_as_soon_as_it_begins_nothing_is_ready_and_every_answer_is_the_last(root):
    app = create_app(Settings(root))
    server = InProcess(app)
    ready = server.ask("GET", "/v2/health/ready")
    assert (ready.status_code, "connection" in ready.headers) == (200, False)
    begun = []
    app.state.draining.when_begun(lambda: begun.append(1))
    app.state.draining.begin()
    app.state.draining.begin()
    assert begun == [1]
    ready = server.ask("GET", "/v2/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"ready": False})
    live = server.ask("GET", "/v2/health/live")
    assert (live.status_code, live.headers["connection"]) == (200, "close")
    answer = server.ask("POST", PREDICT, content='{"instances":[2.0]}')
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_what_takes_longer_than_the_server_may_take_to_stop_is_answered_503(root):
    options = ("--drain-seconds", "0.2")
    with serve(root, *options) as (process, url), ThreadPoolExecutor() as threads:
        Client(url, timeout=60).predict("slow", inputs=[2, 2])
        assert grpc_address(process)  # else its import counts as computing
        busy = start_busy(process, threads, ask_long, url)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        answer = busy.result()
    assert (answer.status_code, answer.json()) == (
        503,
        {"error": "The server stops and had no more time for this. Ask another."},
    )
    assert process.returncode == 0
    assert "Cancel 1 running task(s)" in errors


def test_a_second_signal_stops_at_once(root):
    with serve(root) as (process, url), ThreadPoolExecutor() as threads:
        Client(url, timeout=60).predict("slow", inputs=[2, 2])
        assert grpc_address(process)  # else its import counts as computing
        busy = start_busy(process, threads, ask_long, url)
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: refuses(url))
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert isinstance(busy.exception(), httpx.TransportError)
    assert (process.returncode, errors) == (
        1,
        "kerasheet-serve: Stopped at once, without answers to what was being "
        "answered\n",
    )


def ask_long(url):
    body = json.dumps({"inputs": LONG})
    return httpx.post(f"{url}/v1/models/slow:predict", content=body, timeout=60)
