"""Keys, headers and TLS: who may ask, and what a browser may do with the answer."""

import re
import signal
import ssl
from pathlib import Path

import httpx
import pytest
from serving_http import InProcess
from serving_models import half_plus_two, publish
from serving_process import left_at_home, run, serve

from kerasheet_serving import Settings, create_app
from kerasheet_serving.api_keys import hash_key, is_known, new_key

TLS = Path(__file__).parent / "tls"
PREDICT = "/v1/models/M:predict"
BODY = '{"instances":[2.0]}'
NO_KEY = (
    "This needs an API key. Send one as 'Authorization: Bearer KEY' or "
    "'X-API-Key: KEY'."
)
WRONG_KEY = "The API key is not one that this server knows."


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    publish(path, "M", half_plus_two())
    return path


@pytest.fixture(scope="module")
def key():
    return new_key()


@pytest.fixture(scope="module")
def locked(root, key):
    """A server of which two keys are known."""
    hashes = (hash_key(new_key()), hash_key(key))
    return InProcess(create_app(Settings(root, api_keys=hashes)))


@pytest.mark.parametrize("form", ["Bearer {}", "bearer  {}"])
def test_a_key_opens_every_route(locked, key, form):
    for headers in ({"Authorization": form.format(key)}, {"X-API-Key": key}):
        answer = locked.ask("POST", PREDICT, content=BODY, headers=headers)
        assert (answer.status_code, answer.text) == (200, '{"predictions":[3.0]}')


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({}, NO_KEY),
        ({"Authorization": "Basic dTpw"}, NO_KEY),
        ({"Authorization": "Bearer "}, NO_KEY),
        ({"Authorization": "Bearer ks_wrong"}, WRONG_KEY),
        ({"X-API-Key": "é"}, WRONG_KEY),
        ({"X-API-Key": "ks_" + "A" * 43}, WRONG_KEY),
    ],
)
def test_without_a_known_key_nothing_is_told(locked, headers, problem):
    headers = {name: value.encode("latin-1") for name, value in headers.items()}
    for method, path in (
        ("POST", PREDICT),
        ("GET", "/v1/models/M"),
        ("GET", "/v1/models/unknown"),
        ("POST", "/v2/models/M/infer"),
        ("POST", "/v2/repository/index"),
        ("GET", "/v2"),
        ("GET", "/metrics"),
        ("GET", "/models"),
        ("GET", "/page"),
    ):
        answer = locked.ask(method, path, content=BODY, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": problem})
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path", ["/", "/page/main.js", "/v2/health/live", "/v2/health/ready"]
)
def test_health_and_the_page_are_open(locked, path):
    assert locked.ask("GET", path).status_code == 200


def test_what_is_open_leads_nowhere_else(locked):
    for path in ("/page/../v1/models/M", "/page/%2e%2e/metrics", "//v1/models/M"):
        assert locked.ask("GET", path).status_code in (401, 404)


def test_only_keys_that_are_random_are_known():
    key = new_key()
    assert is_known(key, [hash_key("other"), hash_key(key)])
    assert not is_known("hunter2", [hash_key("hunter2")])
    assert not is_known(key.lower(), [hash_key(key)])
    assert len({new_key() for _ in range(100)}) == 100


def test_a_new_key_is_printed_with_its_hash():
    status, output, errors = run("--new-key")
    match = re.fullmatch(r"key   (ks_\S{43})\nhash  (sha256:[0-9a-f]{64})\n", output)
    assert (status, errors) == (0, "")
    assert is_known(match[1], [match[2]])


def test_a_process_that_needs_a_key_logs_none(root, key):
    options = ("--api-keys", hash_key(key), "--log-level", "debug")
    with serve(root, *options) as (process, url):
        sent = {"X-API-Key": key, "Authorization": f"Bearer {key}"}
        asked = f"{url}/v1/models/M?secret=in-the-query"
        assert httpx.get(asked, headers=sent).status_code == 200
        assert httpx.get(asked).status_code == 401
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert "GET /v1/models/M 401 in " in errors
    assert key not in errors
    assert "in-the-query" not in errors


def test_the_page_may_load_its_own_files_only_and_nobody_may_frame_it(root):
    headers = InProcess(create_app(Settings(root))).ask("GET", "/").headers
    policy = dict(
        rule.strip().split(" ", 1)
        for rule in headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/v1/models/M", "/nope"])
def test_no_browser_guesses_what_an_answer_is(root, path):
    answer = InProcess(create_app(Settings(root))).ask("GET", path)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_other_origins_may_not_ask_unless_they_are_named(root):
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    closed = InProcess(create_app(Settings(root)))
    answer = closed.ask("OPTIONS", PREDICT, headers=asked)
    assert not any(name.startswith("access-control") for name in answer.headers)

    settings = Settings(
        root, cors_origins=("https://a.example",), api_keys=(hash_key(new_key()),)
    )
    named = InProcess(create_app(settings))
    answer = named.ask("OPTIONS", PREDICT, headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    answer = named.ask("POST", PREDICT, headers={"Origin": "https://a.example"})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    answer = named.ask("POST", PREDICT, headers={"Origin": "https://b.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_with_a_certificate_the_server_speaks_https(root):
    options = ("--tls-cert", TLS / "cert.pem", "--tls-key", TLS / "key.pem")
    trusted = ssl.create_default_context(cafile=TLS / "cert.pem")
    with serve(root, *options) as (process, url):
        assert url.startswith("https://127.0.0.1:")
        answer = httpx.post(url + PREDICT, content=BODY, verify=trusted)
        assert answer.text == '{"predictions":[3.0]}'
        plain = url.replace("https", "http")
        with pytest.raises(httpx.TransportError):  # an end, or a reset
            httpx.post(plain + PREDICT, content=BODY)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("cert", "key", "problem"),
    [
        (
            "no.pem",
            "key.pem",
            "Cannot read {tls}/no.pem, given as --tls-cert: No such file or directory.",
        ),
        (
            "cert.pem",
            "other_key.pem",
            "The key {tls}/other_key.pem belongs to another certificate than "
            "{tls}/cert.pem. Give the two that were made together.",
        ),
        (
            "cert.pem",
            "locked_key.pem",
            "The key {tls}/locked_key.pem has a password, which nobody could type "
            "here. Take it off with `openssl pkey`.",
        ),
    ],
)
def test_a_certificate_that_cannot_be_shown_is_refused(root, cert, key, problem):
    status, output, errors = run(
        root, "--port", "0", "--tls-cert", TLS / cert, "--tls-key", TLS / key
    )
    assert (status, output) == (1, "")
    assert errors == f"kerasheet-serve: {problem.format(tls=TLS)}\n"


def test_a_certificate_that_is_none_is_refused(root, tmp_path):
    path = tmp_path / "text.pem"
    path.write_text("text")
    status, _, errors = run(
        root, "--port", "0", "--tls-cert", path, "--tls-key", TLS / "key.pem"
    )
    assert status == 1
    assert errors.startswith(
        f"kerasheet-serve: {path} and {TLS}/key.pem are no certificate and private key "
        "in PEM: "
    )


def test_onnx_runtime_tells_nobody_of_the_models(root, tmp_path):
    script = (
        "import sys, pathlib, kerasheet_serving\n"
        "kerasheet_serving.Session(pathlib.Path(sys.argv[1]))"
    )
    assert left_at_home(tmp_path, script, root / "M" / "1") == []
