"""Calls over gRPC get keys, limits, ids and counts as requests over HTTP do."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from grpc_thread import grpc_of, infer
from held_model import Held
from serving_http import InProcess
from serving_models import half_plus_two, publish

from kerasheet_serving import Settings, create_app
from kerasheet_serving.api_keys import hash_key, new_key
from kerasheet_serving.grpc.open_inference_pb2 import (
    ModelReadyRequest,
    ServerLiveRequest,
    ServerReadyRequest,
)

TLS = Path(__file__).parent / "tls"
PATIENCE = 30


@pytest.fixture
def options(tmp_path):
    publish(tmp_path, "M", half_plus_two(("batch", 1)))
    return Settings(tmp_path, port=0)


@pytest.fixture
def held(options):
    """The application, whose model waits, and its service."""
    held = Held(options)
    with grpc_of(held.app, options) as service:
        yield held, service
        held.released.set()


def waiting(app):
    """Number of requests that wait for the model."""
    text = InProcess(app).ask("GET", "/metrics").text
    line = 'kerasheet_waiting_requests{model="M",version="1"} '
    (count,) = (one for one in text.splitlines() if one.startswith(line))
    return float(count.removeprefix(line))


def wait_until(is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def is_unavailable(service):
    """Whether no more calls are taken; until then, the server is not ready."""
    try:
        assert not service.ServerReady(ServerReadyRequest()).ready
    except grpc.RpcError as error:
        return error.code() == grpc.StatusCode.UNAVAILABLE
    return False


def counts(app, method):
    """Calls answered, by model and status."""
    text = InProcess(app).ask("GET", "/metrics").text
    found = {}
    for line in text.splitlines():
        if line.startswith("kerasheet_requests_total") and f'"{method}"' in line:
            labels = dict(
                part.split("=")
                for part in line[line.index("{") + 1 : line.index("}")].split(",")
            )
            key = labels["model"].strip('"'), labels["code"].strip('"')
            found[key] = float(line.split()[-1])
    return found


def test_calls_are_counted_with_the_status_of_http(options):
    app = create_app(options)
    with grpc_of(app, options) as service:
        service.ModelInfer(infer())
        service.ModelInfer(infer())
        service.refused("ModelInfer", infer(tensors=[]))
        service.refused("ModelInfer", infer("nope"))
        service.ServerLive(ServerLiveRequest())
    assert counts(app, "infer") == {("M", "200"): 2, ("M", "400"): 1}
    assert counts(app, "other")["", "404"] == 1


def test_calls_that_wait_for_the_model_are_computed_together(held):
    held, service = held
    first = service.ModelInfer.future(infer())
    assert held.begun.wait(PATIENCE)
    others = [service.ModelInfer.future(infer()) for _ in range(3)]
    wait_until(lambda: waiting(held.app) == 3)
    held.released.set()
    answers = [call.result(PATIENCE) for call in (first, *others)]
    assert held.sizes == [3, 9]
    for answer in answers:
        assert [*answer.outputs[0].contents.fp32_contents] == [3.0, 3.5, 4.0]


@pytest.mark.parametrize("how", ["deadline", "cancelled"])
def test_a_call_that_nobody_waits_for_leaves_the_queue(held, how):
    held, service = held
    first = service.ModelInfer.future(infer())
    assert held.begun.wait(PATIENCE)
    timeout = 2 if how == "deadline" else None
    second = service.ModelInfer.future(infer(), timeout=timeout)
    wait_until(lambda: waiting(held.app) == 1)
    if how == "cancelled":
        second.cancel()
    else:
        assert second.exception(PATIENCE).code() == grpc.StatusCode.DEADLINE_EXCEEDED
    wait_until(lambda: waiting(held.app) == 0)
    held.released.set()
    first.result(PATIENCE)
    assert held.sizes == [3]


def test_a_call_takes_no_longer_than_any_request_may(options):
    options = replace(options, request_seconds=0.05)
    held = Held(options)
    with grpc_of(held.app, options) as service:
        assert service.refused("ModelInfer", infer()) == (
            "DEADLINE_EXCEEDED",
            "There was no answer within 0.05 s.",
        )
        held.released.set()
    assert counts(held.app, "infer") == {("M", "504"): 1}


def test_more_calls_than_may_be_answered_are_refused_but_for_health(options):
    options = replace(options, max_requests=1)
    held = Held(options)
    with grpc_of(held.app, options) as service:
        first = service.ModelInfer.future(infer())
        assert held.begun.wait(PATIENCE)
        with pytest.raises(grpc.RpcError) as error:
            service.ModelInfer(infer())
        assert service.ServerLive(ServerLiveRequest()).live
        held.released.set()
        first.result(PATIENCE)
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    assert error.value.details() == (
        "1 requests are being answered, and no more may be. Ask again in 1 s."
    )
    assert ("grpc-retry-pushback-ms", "1000") in error.value.trailing_metadata()


def test_calls_beyond_the_queue_are_refused(options):
    options = replace(options, waiting_rows=3)
    held = Held(options)
    with grpc_of(held.app, options) as service:
        first = service.ModelInfer.future(infer())
        assert held.begun.wait(PATIENCE)
        second = service.ModelInfer.future(infer())
        wait_until(lambda: waiting(held.app) == 1)
        assert service.refused("ModelInfer", infer()) == (
            "UNAVAILABLE",
            "3 rows wait for the model, 3 more than the 3 that may. Ask again in 1 s.",
        )
        held.released.set()
        first.result(PATIENCE), second.result(PATIENCE)


def test_a_key_is_needed_for_all_but_health(options):
    key = new_key()
    options = replace(options, api_keys=(hash_key(key),))
    with grpc_of(create_app(options), options) as service:
        assert service.ServerLive(ServerLiveRequest()).live
        assert service.ServerReady(ServerReadyRequest()).ready
        for method, request in (
            ("ModelInfer", infer()),
            ("ModelReady", ModelReadyRequest(name="M")),
        ):
            assert service.refused(method, request) == (
                "UNAUTHENTICATED",
                "This needs an API key. Send one as 'Authorization: Bearer KEY' or "
                "'X-API-Key: KEY'.",
            )
        wrong = [("x-api-key", new_key())]
        assert service.refused("ModelInfer", infer(), metadata=wrong) == (
            "UNAUTHENTICATED",
            "The API key is not one that this server knows.",
        )
        for right in (("authorization", f"Bearer {key}"), ("x-api-key", key)):
            assert service.ModelInfer(infer(), metadata=[right]).outputs


def test_the_id_of_a_call_is_the_clients_if_it_is_sane(options):
    def shown(call):
        return dict(call.trailing_metadata())["x-request-id"]

    with grpc_of(create_app(options), options) as service:
        sane, odd = [("x-request-id", "a-1")], [("x-request-id", "a b")]
        call = service.ModelInfer.with_call
        assert shown(call(infer(), metadata=sane)[1]) == "a-1"
        assert len(shown(call(infer(), metadata=odd)[1])) == 16
        with pytest.raises(grpc.RpcError) as error:
            service.ModelInfer(infer("nope"), metadata=sane)
        assert shown(error.value) == "a-1"


def test_a_failure_of_the_server_is_told_in_its_log_only(options, caplog):
    app = create_app(options)

    def fail(inputs):
        raise ZeroDivisionError("inside")

    app.state.registry.find("M").session.run = fail
    with grpc_of(app, options) as service:
        assert service.refused("ModelInfer", infer()) == (
            "INTERNAL",
            "The server failed; its log says how.",
        )
    assert "ZeroDivisionError: inside" in caplog.text
    assert counts(app, "infer") == {("M", "500"): 1}


def test_a_call_that_has_begun_ends_after_draining_begins(held):
    held, service = held
    first = service.ModelInfer.future(infer())
    assert held.begun.wait(PATIENCE)
    service.loop.call_soon_threadsafe(held.app.state.draining.begin)
    wait_until(lambda: held.app.state.draining.begun)
    wait_until(lambda: is_unavailable(service))
    held.released.set()
    assert first.result(PATIENCE).outputs


def test_what_takes_longer_than_draining_may_is_cancelled(options):
    options = replace(options, drain_seconds=0.05)
    held = Held(options)
    with grpc_of(held.app, options) as service:
        call = service.ModelInfer.future(infer())
        assert held.begun.wait(PATIENCE)
        service.loop.call_soon_threadsafe(held.app.state.draining.begin)
        assert call.exception(PATIENCE).code() in (
            grpc.StatusCode.CANCELLED,
            grpc.StatusCode.UNAVAILABLE,
        )
        held.released.set()


def test_a_certificate_makes_it_tls(options):
    options = replace(options, tls_cert=TLS / "cert.pem", tls_key=TLS / "key.pem")
    trusted = grpc.ssl_channel_credentials(options.tls_cert.read_bytes())
    with grpc_of(create_app(options), options, trusted) as service:
        assert service.ModelInfer(infer()).outputs


def test_calls_that_are_held_together_have_a_limit(options):
    size = infer().ByteSize()
    few = replace(options, max_request_bytes=size, max_held_bytes=size)
    held = Held(few)
    with grpc_of(held.app, few) as service:
        first = service.ModelInfer.future(infer())
        assert held.begun.wait(PATIENCE)
        refused = service.refused("ModelInfer", infer())
        held.released.set()
        assert first.result(PATIENCE)
        assert service.ModelInfer(infer())
    sentence = (
        f"The requests being answered have {2 * size} bytes, more than the {size} that "
        "may be held. Ask again in 1 s."
    )
    assert refused == ("UNAVAILABLE", sentence)


def call_without_a_message(service, method):
    """The code and the sentence of a call whose message never comes."""
    call = service.channel.stream_unary(f"/inference.GRPCInferenceService/{method}")
    over = threading.Event()

    def messages():
        over.wait()
        yield b""

    future = call.future(messages())
    try:
        error = future.exception(timeout=PATIENCE)
        return error.code().name, error.details()
    finally:
        over.set()


def test_who_shows_no_key_is_refused_before_the_message_is_read(options):
    guarded = replace(options, api_keys=(hash_key(new_key()),))
    with grpc_of(create_app(guarded), guarded) as service:
        code, _ = call_without_a_message(service, "ModelInfer")
    assert code == "UNAUTHENTICATED"


@pytest.mark.parametrize("method", ["ModelInfer", "ServerLive"])
def test_a_message_that_does_not_come_is_not_waited_for_long(options, method):
    hasty = replace(options, body_seconds=0.3, max_requests=1)
    with grpc_of(create_app(hasty), hasty) as service:
        assert call_without_a_message(service, method) == (
            "DEADLINE_EXCEEDED",
            "The request did not come in whole within 0.3 s.",
        )
        assert service.ModelInfer(infer())


def test_those_who_only_watch_keep_nobody_from_asking(options):
    few = replace(options, max_requests=1)
    with grpc_of(create_app(few), few) as service, ThreadPoolExecutor() as threads:
        waiting = [
            threads.submit(call_without_a_message, service, "ServerLive")
            for _ in range(3)
        ]
        assert service.ModelInfer(infer())
        assert not any(one.done() for one in waiting)
        service.channel.close()
