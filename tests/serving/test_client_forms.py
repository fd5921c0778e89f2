"""Both forms of the client, against real servers and against what none should do."""

import gc
import gzip
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from client_forms import FORMS
from scripted_server import answer, dribble, parts, scripted
from serving_models import half_plus_two, publish, publish_numbers
from serving_process import serve
from text_models import publish_text

from kerasheet_serving import Client, InvalidArgument, ServingError, errors
from kerasheet_serving.api_keys import hash_key, new_key
from kerasheet_serving.client.answer import Answer
from kerasheet_serving.client.call import Which, live, status
from kerasheet_serving.client.options import Options

TLS = Path(__file__).with_name("tls")
GOOD = answer(200, b'{"predictions": [1.5]}')
TYPED = {
    400: errors.InvalidArgument,
    401: errors.Unauthenticated,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    408: errors.RequestTimeout,
    409: errors.Conflict,
    413: errors.RequestTooLarge,
    429: errors.ResourceExhausted,
    499: errors.Cancelled,
    500: ServingError,
    501: errors.Unimplemented,
    503: errors.Unavailable,
    504: errors.DeadlineExceeded,
}

form = pytest.mark.parametrize("form", FORMS, ids=["sync", "async"])


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    root = tmp_path_factory.mktemp("client")
    publish_numbers(root / "models", 1, 2)
    publish(root / "models", "H", half_plus_two())
    publish_text(root / "models", "letters")
    (root / "models.toml").write_text("[models.M.labels]\nstable = 1")
    with serve(root / "models", "--config", root / "models.toml") as (_, url):
        yield url


@form
def test_asks_everything_of_a_real_server(form, url):
    assert form.ask(url, "predict", "M", [0.0]) == [2.0]
    assert form.ask(url, "predict", "M", [0.0], version=1) == [1.0]
    assert form.ask(url, "predict", "M", inputs={"x": [0.0]}, label="stable") == [1.0]
    examples = [{"x": 2.0}]
    assert form.ask(url, "classify", "H", examples) == [[["", 3.0]]]
    assert form.ask(url, "regress", "H", [{}], context={"x": 2.0}) == [3.0]
    signature = {"signature": "regress_x_to_y"}
    assert form.ask(url, "regress", "H", examples, **signature) == [3.0]
    assert form.ask(url, "versions", "M") == [2, 1]
    labelled = form.ask(url, "status", "M", label="stable")
    assert [(one["version"], one["state"]) for one in labelled] == [("1", "AVAILABLE")]
    described = form.ask(url, "metadata", "M", label="stable")
    assert described["model_spec"]["version"] == "1"
    assert form.ask(url, "live")
    assert form.ask(url, "ready")
    assert form.ask(url, "ready", "M")
    assert not form.ask(url, "ready", "nope")


@form
def test_gives_arrays_to_those_who_want_them(form, url):
    rows = form.ask(url, "predict", "H", np.float32([2, 3]), numpy=True)
    column = form.ask(url, "predict", "H", inputs=[2.0, 3.0], numpy=True)
    np.testing.assert_array_equal(rows, [3.0, 3.5])
    np.testing.assert_array_equal(column, [3.0, 3.5])


def test_arrays_have_names_where_there_are_several():
    several = answer(200, b'{"predictions": [{"a": 1, "b": [2]}, {"a": 3, "b": [4]}]}')
    named = answer(200, b'{"outputs": {"a": [1, 3], "b": [[2], [4]]}}')
    with scripted(several, named) as server, Client(server.url) as client:
        for asked in ({"instances": [{}]}, {"inputs": {"x": 0}}):
            arrays = client.predict("M", numpy=True, **asked)
            assert arrays.keys() == {"a", "b"}
            np.testing.assert_array_equal(arrays["a"], [1, 3])
            np.testing.assert_array_equal(arrays["b"], [[2], [4]])


@form
def test_a_stream_gives_the_tokens_of_the_text(form, url):
    options = {"length": 20, "seed": 3, "top_k": 5, "temperature": 0.7}
    whole = form.ask(url, "generate", "letters", "the ", **options)
    tokens = form.tokens(url, "letters", "the ", **options)
    assert len(tokens) == 20
    assert "".join(tokens) == whole
    with pytest.raises(InvalidArgument) as raised:
        form.tokens(url, "letters", "", **options)
    assert str(raised.value) == (
        'Generating needs a prompt of at least one token. Received: "".'
    )


def test_a_stream_that_is_left_is_left(url):
    with Client(url, connections=1) as client:
        for _ in range(3):
            stream = client.generate("letters", "a", length=4096, stream=True)
            assert next(stream)
            stream.close()
        assert client.live()


def test_who_waits_for_a_connection_waits_until_the_timeout(url):
    with Client(url, connections=1, timeout=2) as client:
        stream = client.generate("letters", "a", length=4096, stream=True)
        assert next(stream)
        with pytest.raises(errors.Unavailable, match="timed out"):
            client.live()
        stream.close()
        assert client.live()


@form
def test_time_that_is_used_up_before_there_is_a_connection_is_over(form, url):
    with pytest.raises(errors.Unavailable, match="timed out"):
        form.ask(url, "predict", "H", [2.0], client={"timeout": 1e-9})


def test_a_version_and_a_label_are_too_much():
    with pytest.raises(TypeError) as raised:
        Client("http://127.0.0.1:1").status("M", version=1, label="stable")
    assert str(raised.value) == (
        "Client asks model 'M' for a version or a label, received both: 1 and 'stable'."
    )


@form
@pytest.mark.parametrize("code", sorted(TYPED))
def test_every_status_has_its_error_and_only_503_is_asked_again(form, code):
    with scripted(*[answer(code)] * 3) as server:
        with pytest.raises(ServingError) as raised:
            form.ask(server.url, "predict", "M", [1.0], client={"retries": 2})
        assert type(raised.value) is TYPED[code]
        assert str(raised.value) == "no"
        assert len(server.requests) == (3 if code == 503 else 1)


@form
def test_asks_again_until_the_server_is_available(form):
    busy = answer(503, retry_after=0)
    with scripted(busy, busy, GOOD) as server:
        assert form.ask(server.url, "predict", "M", [1.0]) == [1.5]
        assert len(server.requests) == 3
        assert len(set(server.requests)) == 1


@form
def test_does_not_wait_longer_than_its_time(form):
    with scripted(answer(503, retry_after=3600)) as server:
        with pytest.raises(errors.Unavailable):
            form.ask(server.url, "predict", "M", [1.0])
        assert len(server.requests) == 1


@form
def test_health_is_told_as_it_is(form):
    with scripted(answer(503, b'{"ready": false}')) as server:
        assert not form.ask(server.url, "ready")
        assert len(server.requests) == 1


@form
def test_a_stream_that_has_begun_is_not_asked_for_again(form):
    begun = b'data: {"text": "a"}\n\n'
    failed = b'event: error\ndata: {"error": "gone"}\n\n'
    for contents, message in (
        ([begun, failed], "gone"),
        ([begun], "The stream of tokens broke off before its end. Ask again."),
    ):
        with scripted(parts(*contents), GOOD) as server:
            with pytest.raises(ServingError) as raised:
                form.tokens(server.url, "M", "a")
            assert (type(raised.value), str(raised.value)) == (ServingError, message)
            assert len(server.requests) == 1


@form
def test_a_stream_is_asked_for_again_before_it_begins(form):
    events = b'data: {"text": "\\u00e9"}\n\nevent: done\ndata: {"text": "\\u00e9"}\n\n'
    halves = parts(events[:7], events[7:30], events[30:])
    with scripted(answer(503, retry_after=0), halves) as server:
        assert form.tokens(server.url, "M", "a") == ["é"]


@form
def test_an_answer_that_dribbles_in_has_no_more_time_than_another(form):
    with scripted(dribble) as server:
        begin = time.monotonic()
        with pytest.raises(errors.Unavailable) as raised:
            form.ask(server.url, "status", "M", client={"timeout": 0.3})
        assert time.monotonic() - begin < 20  # the dribble alone would never end
    assert str(raised.value) == (
        f"No answer from {server.url}: timed out. "
        "Start a server there with `kerasheet-serve REPOSITORY`."
    )


@form
def test_large_bodies_are_compressed(form):
    numbers = [0.5] * 1000
    with scripted(GOOD) as server:
        form.ask(server.url, "predict", "M", numbers, client={"compress_from": 1000})
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert gzip.decompress(body) == b'{"instances": [' + b"0.5, " * 999 + b"0.5]}"


def test_a_real_server_reads_compressed_bodies(url):
    with Client(url, compress_from=1) as client:
        assert client.predict("H", [2.0]) == [3.0]


@pytest.fixture
def fast_switches():
    """Threads that take turns a thousand times as often as they would."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_share_the_connections_of_a_client(fast_switches):
    count = 400
    with scripted(*[GOOD] * count) as server, Client(server.url, connections=1) as one:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: one.predict("M", [1.0]), range(count)))
        assert answers == [[1.5]] * count
        assert server.connections == 1


def test_a_client_that_is_forgotten_closes_its_connections():
    with scripted(GOOD, GOOD) as server:
        for _ in range(2):  # the server takes the second once the first has left
            assert Client(server.url).predict("M", [1.0]) == [1.5]
            gc.collect()
        assert server.connections == 2


@form
def test_shows_its_key_and_trusts_a_certificate(form, tmp_path):
    publish(tmp_path, "H", half_plus_two())
    key = new_key()
    options = ("--tls-cert", TLS / "cert.pem", "--tls-key", TLS / "key.pem")
    with serve(tmp_path, *options, "--api-keys", hash_key(key)) as (_, url):
        trusting = {"ca_file": TLS / "cert.pem"}
        known = {**trusting, "api_key": key}
        assert form.ask(url, "predict", "H", [2.0], client=known) == [3.0]
        with pytest.raises(errors.Unauthenticated):
            form.ask(url, "predict", "H", [2.0], client=trusting)
        with pytest.raises(errors.Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            form.ask(url, "predict", "H", [2.0], client={"api_key": key})


def options(**changed):
    values = {
        "timeout": 10.0,
        "connect_timeout": 5.0,
        "retries": 9,
        "api_key": None,
        "ca_file": None,
        "connections": 1,
        "compress_from": None,
    }
    return Options("http://127.0.0.1:1", **{**values, **changed})


def test_pauses_grow_and_heed_what_the_server_says():
    call = status(Which("M"))
    busy = Answer(503, {}, b"")
    for tried, longest in enumerate((0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0), 1):
        pauses = {options().pause(call, busy, tried, 100) for _ in range(50)}
        assert all(longest / 2 <= pause <= longest for pause in pauses)
        assert len(pauses) > 1
    told = Answer(503, {"retry-after": "7"}, b"")
    assert options().pause(call, told, 1, 100) == 7
    assert options().pause(call, told, 1, 6) is None
    assert options().pause(call, busy, 10, 100) is None
    assert options(retries=0).pause(call, busy, 1, 100) is None
    assert options().pause(live(), busy, 1, 100) is None
    assert options().pause(call, Answer(429, {}, b""), 1, 100) is None


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [("timeout", 0, 0), ("connect_timeout", -1, 0), ("retries", -1, -1)],
)
def test_refuses_numbers_it_cannot_use(name, value, least):
    with pytest.raises(ValueError, match="Client needs") as raised:
        Client("http://127.0.0.1:1", **{name: value})
    assert str(raised.value) == f"Client needs {name} > {least}. Received: {value}."
