"""Settings come from flags, the environment and a file, and mean the same in each."""

from dataclasses import fields
from pathlib import Path

import pytest
from serving_process import run

from kerasheet_serving import Settings
from kerasheet_serving.arguments import read_arguments
from kerasheet_serving.settings import GROUPS

HASH = "sha256:" + "0a" * 32
TEXTS = {
    "host": "0.0.0.0",
    "port": "1",
    "grpc_port": "2",
    "tls_cert": "c.pem",
    "tls_key": "k.pem",
    "ray": "true",
    "workers": "2",
    "threads": "1",
    "texts": "12",
    "poll_seconds": "2.5",
    "batch_rows": "3",
    "batch_delay": "0.5",
    "waiting_rows": "4",
    "max_request_bytes": "5",
    "max_tensor_bytes": "6",
    "max_held_bytes": "7",
    "max_requests": "8",
    "body_seconds": "9",
    "request_seconds": "10",
    "drain_seconds": "11",
    "api_keys": f"{HASH},{HASH}",
    "cors_origins": "https://a.example, http://[::1]:8080",
    "log_format": "json",
    "log_level": "error",
}
"""A value other than the default for every setting that all three sources can give."""


def read(*arguments, **environment):
    variables = {
        f"KERASHEET_SERVE_{name.upper()}": text for name, text in environment.items()
    }
    return read_arguments("serve", "Serves.", arguments, variables)


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "serving.toml"
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture
def refused(capsys):
    def refuse(*arguments, **environment):
        with pytest.raises(SystemExit) as stop:
            read(*arguments, **environment)
        assert stop.value.code == 2
        return capsys.readouterr().err.splitlines()[-1]

    return refuse


def test_every_setting_is_tried_here_and_has_a_group():
    known = {one.name for one in fields(Settings)}
    assert known == {*TEXTS, "repository", "config"}
    for one in fields(Settings):
        assert one.name == "repository" or one.metadata["group"] in GROUPS


def test_without_anything_else_settings_have_their_defaults():
    assert read("models") == Settings(Path("models"))


def test_the_three_sources_mean_the_same(file):
    flags = [
        part
        for name, text in TEXTS.items()
        for part in ("--" + name.replace("_", "-"), text)
        if (name, part) != ("ray", "true")
    ]
    by_flags = read("models", *flags)
    by_environment = read("models", **TEXTS)
    lines = [f'{name} = "{text}"' for name, text in TEXTS.items()]
    path = file("\n".join(["[server]", 'repository = "models"', *lines]))
    by_file = read("--config", path)
    assert by_flags == by_environment
    assert by_flags == read("models", "--config", path).__class__(
        **{**vars(by_file), "config": None}
    )
    for name in TEXTS:
        default = next(one.default for one in fields(Settings) if one.name == name)
        assert getattr(by_flags, name) != default
    assert by_flags.cors_origins == ("https://a.example", "http://[::1]:8080")


def test_a_file_may_use_the_types_of_toml(file):
    path = file(
        f"""
        [server]
        port = 80
        poll_seconds = 0.5
        ray = true
        api_keys = ["{HASH}"]
        [models.M]
        latest = 1
        """
    )
    settings = read("models", config=path)
    assert (settings.port, settings.poll_seconds, settings.ray) == (80, 0.5, True)
    assert (settings.api_keys, settings.config) == ((HASH,), Path(path))


def test_a_flag_wins_over_the_environment_which_wins_over_the_file(file):
    path = file("[server]\nport = 1\nthreads = 1\nbatch_rows = 1\nrepository = 'a'")
    settings = read("--port", "3", "--config", path, port="2", batch_rows="2")
    assert (settings.port, settings.batch_rows, settings.threads) == (3, 2, 1)
    assert settings.repository == Path("a")


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        (
            {"port": "tcp://10.0.0.1:80"},
            "KERASHEET_SERVE_PORT: 'tcp://10.0.0.1:80' is not a port, from 0 to 65535",
        ),
        (
            {"prot": "1"},
            "KERASHEET_SERVE_PROT is no setting; did you mean KERASHEET_SERVE_PORT?",
        ),
        ({"zzzzz": "1"}, "KERASHEET_SERVE_ZZZZZ is no setting; see --help"),
        (
            {"log_level": "loud"},
            "KERASHEET_SERVE_LOG_LEVEL: 'loud' is not one of debug, info, warning, "
            "error",
        ),
        (
            {"cors_origins": "*"},
            "KERASHEET_SERVE_CORS_ORIGINS: '*' is not an origin, such as "
            "https://example.org or http://localhost:8080",
        ),
        (
            {"api_keys": "hunter2"},
            "KERASHEET_SERVE_API_KEYS: an entry is not sha256: and 64 hexadecimal "
            "digits, as --new-key prints them",
        ),
        ({"ray": "yes"}, "KERASHEET_SERVE_RAY: 'yes' is neither true nor false"),
        (
            {"tls_cert": "c.pem"},
            "tls_cert and tls_key need each other; give both or none",
        ),
        (
            {"max_request_bytes": "1000000000"},
            "max_held_bytes, 536870912, must be at least max_request_bytes, 1000000000",
        ),
    ],
)
def test_a_variable_that_means_nothing_is_refused(refused, environment, problem):
    assert refused("models", **environment) == f"serve: error: {problem}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("port = 99999", "server.port in {}: '99999' is not a port, from 0 to 65535"),
        (
            "request_second = 1",
            "server.request_second in {} is no setting; did you mean "
            "server.request_seconds?",
        ),
        (
            "config = 'x'",
            "server.config in {} is for the command line; leave it out here",
        ),
        (
            "request_seconds = 0",
            "server.request_seconds in {}: '0' is not a number of seconds from 0.001 "
            "to 86400",
        ),
    ],
)
def test_a_line_of_the_file_that_means_nothing_is_refused(refused, file, text, problem):
    path = file(f"[server]\n{text}")
    error = refused("models", "--config", path)
    assert error == f"serve: error: {problem.format(path)}"


def test_the_repository_must_be_given(refused):
    assert refused() == "serve: error: give the directory of the models"


def test_help_has_a_sentence_for_every_setting(capsys):
    with pytest.raises(SystemExit) as stop:
        read("--help")
    assert stop.value.code == 0
    words = " ".join(capsys.readouterr().out.split())
    for title in GROUPS:
        assert f" {title}: --" in words
    assert "--port PORT TCP port; 0 picks a free one (default: 8501)" in words
    for one in fields(Settings):
        flag = "--" + one.name.replace("_", "-")
        if one.name != "repository":
            word = one.metadata["word"]
            shown = f"{flag} {word} " if word else f"{flag} "
            assert words.split(shown, 1)[1][0].isalpha(), flag


def test_a_process_takes_its_settings_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASHEET_SERVE_REPOSITORY", str(tmp_path / "no"))
    status, _, errors = run("--port", "0")
    assert (status, errors.split(":")[1]) == (
        1,
        f" Cannot read model repository {tmp_path}/no",
    )
