"""The command, as a real process on loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import entry_points, version
from pathlib import Path

import numpy as np
import pytest
from serving_models import (
    change_byte,
    half_plus_two,
    lenet,
    publish,
    slow,
    sum_and_product,
)
from serving_process import grpc_address, run, serve, start_busy

import kerasheet_serving
from kerasheet_serving import Client, Settings
from kerasheet_serving.web.listener import listen

INSTEAD = (
    "Give the directory that holds <model>/<version>/, or make one with "
    "`kerasheet export`."
)
EXPORT = "Export one into it with `kerasheet export`."
THREADS = f"is not a number of threads from 1 to the {os.cpu_count()} cores here"
LONG = [2000, 2000]  # about a second of processor time for the slow model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A repository with LeNet, a slow model, and one that is damaged."""
    root = tmp_path_factory.mktemp("models")
    publish(root, "lenet", lenet())
    publish(root, "slow", slow())
    change_byte(publish(root, "broken", half_plus_two()) / "model.onnx")
    return root


KEY = f"sha256:{'0' * 64}"
OPEN = (
    "kerasheet-serve: Other machines may ask at 0.0.0.0, and need no key. Make one "
    "with --new-key, unless what stands before this server asks for one.\n"
)


def test_announces_what_it_serves_with_commands_that_work(tmp_path):
    publish(tmp_path, "H", half_plus_two(), version=123)
    publish(tmp_path, "H", half_plus_two(), version=124)
    publish(tmp_path, "ab", sum_and_product())
    publish(tmp_path, "lenet", lenet())
    with serve(tmp_path) as (process, url):
        lines = [process.stdout.readline().rstrip("\n") for _ in range(6)]
        assert lines == [
            "  H  124, 123  x float32[batch] -> y float32[batch]",
            f"    curl -d '{{\"inputs\": [0.0]}}' {url}/v1/models/H:predict",
            "  ab  1  a float32[batch], b float32[batch] -> "
            "sum float32[batch], product float32[batch]",
            f'    curl -d \'{{"inputs": {{"a": [0.0], "b": [0.0]}}}}\' '
            f"{url}/v1/models/ab:predict",
            "  lenet  1  images float32[batch, 28, 28, 1] -> "
            "logits float32[batch, 10], probabilities float32[batch, 10]",
            f"    curl {url}/v1/models/lenet/metadata",
        ]
        assert Client(url).predict("H", inputs=[0.0]) == [2.0]
        assert grpc_address(process)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=60) == ("", "")


def test_a_lenet_is_served_in_less_than_150_megabytes(models):
    with serve(models) as (process, url):
        Client(url).predict("lenet", np.zeros((1, 28, 28, 1), np.float32))
        status = Path(f"/proc/{process.pid}/status").read_text()
    kilobytes = int(status.split("VmHWM:")[1].split()[0])
    assert kilobytes < 150 * 1024


def test_a_slow_model_does_not_hold_up_the_others(models):
    with serve(models) as (process, url), ThreadPoolExecutor() as threads:
        client = Client(url, timeout=60)
        client.predict("slow", inputs=[2, 2])
        assert grpc_address(process)  # else its import counts as computing
        busy = start_busy(process, threads, client.predict, "slow", inputs=LONG)
        assert client.live()
        assert client.ready()
        assert not busy.done()
        assert busy.result() == pytest.approx(2000.0**6, rel=1e-3)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_finish_and_ends_without_a_word(models, number):
    with serve(models) as (process, url), ThreadPoolExecutor() as threads:
        client = Client(url, timeout=60)
        client.predict("slow", inputs=[2, 2])
        assert grpc_address(process)  # else its import counts as computing
        busy = start_busy(process, threads, client.predict, "slow", inputs=LONG)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert busy.result() == pytest.approx(2000.0**6, rel=1e-3)
    assert process.returncode == 0
    assert len(errors.splitlines()) == 1  # the refusal of the damaged model
    assert errors.startswith("kerasheet-serve: Refused version 1 of model broken: ")


def test_a_kept_connection_does_not_wait_for_acknowledgements(tmp_path):
    """Nagle's algorithm and delayed acknowledgements would add 40 ms to each answer."""
    with listen(Settings(tmp_path, port=0)) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_info_logs_every_request(models):
    with serve(models, "--log-level", "info") as (process, url):
        assert Client(url).live()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert "kerasheet-serve: GET /v2/health/live 200 in " in errors


def test_a_port_in_use_is_refused(models):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(models, "--port", port) == (
            1,
            "",
            f"kerasheet-serve: Port {port} of 127.0.0.1 is in use. Stop what listens "
            "there, or choose another with --port; --port 0 picks a free one.\n",
        )


def test_a_host_that_is_not_this_machine_is_refused(models):
    status, output, errors = run(models, "--host", "256.256.256.256")
    assert (status, output) == (1, "")
    assert errors.startswith(
        "kerasheet-serve: Cannot listen on port 8501 of '256.256.256.256': "
    )
    assert len(errors.splitlines()) == 1


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_ipv6_host_is_written_in_brackets(models):
    with serve(models, "--host", "::1") as (_, url):
        assert url.startswith("http://[::1]:")
        assert Client(url).ready()


@pytest.mark.parametrize(
    ("host", "key", "warned"),
    [("0.0.0.0", (), True), ("0.0.0.0", ("--api-keys", KEY), False), ("", (), False)],
    ids=["open", "open with a key", "this machine only"],
)
def test_a_server_that_others_reach_without_a_key_says_so(models, host, key, warned):
    place = ("--host", host) if host else ()
    with serve(models, *place, *key) as (process, _):
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert (OPEN in errors) == warned


def test_a_repository_that_does_not_exist_is_refused(tmp_path):
    root = tmp_path / "no"
    assert run(root, "--port", "0") == (
        1,
        "",
        f"kerasheet-serve: Cannot read model repository {root}: No such file or "
        f"directory. {INSTEAD}\n",
    )


def test_a_repository_that_is_a_file_is_refused(tmp_path):
    root = tmp_path / "file"
    root.write_text("garbage")
    assert run(root, "--port", "0") == (
        1,
        "",
        f"kerasheet-serve: Cannot read model repository {root}: Not a directory. "
        f"{INSTEAD}\n",
    )


def test_a_repository_with_nothing_to_serve_is_refused_with_the_reasons(tmp_path):
    (tmp_path / "garbage" / "latest").mkdir(parents=True)
    (tmp_path / "half" / "1").mkdir(parents=True)
    assert run(tmp_path, "--port", "0") == (
        1,
        "",
        f"kerasheet-serve: Ignored {tmp_path}/garbage/latest: a version is a "
        "directory named 1, 2, 3 ... below its model.\n"
        f"kerasheet-serve: Refused version 1 of model half: Cannot read "
        f"{tmp_path}/half/1/manifest.json: No such file or directory. "
        "Publish the model again with `kerasheet export`.\n"
        f"kerasheet-serve: {tmp_path} has no model that can be served. {EXPORT}\n",
    )


def test_one_model_given_for_the_repository_is_refused(tmp_path):
    publish(tmp_path, "M", half_plus_two())
    publish(tmp_path, "M", half_plus_two())
    root = tmp_path / "M"
    status, output, errors = run(root, "--port", "0")
    assert (status, output) == (1, "")
    assert errors.splitlines()[-1] == (
        f"kerasheet-serve: {root} holds versions, 1, 2, as one model does. "
        f"Give the directory that holds the models, {tmp_path}."
    )


def test_what_is_published_is_served_and_what_is_deleted_is_not(tmp_path):
    first = publish(tmp_path / "models", "H", half_plus_two())
    settings = tmp_path / "models.toml"
    settings.write_text("[models.H.labels]\nstable = 1")

    def wait_for(client, *versions):
        end = time.monotonic() + 20
        while [int(one["version"]) for one in client.status("H")] != list(versions):
            assert time.monotonic() < end
            time.sleep(0.02)

    options = ("--config", settings, "--poll-seconds", "0.05")
    with serve(tmp_path / "models", *options) as (process, url):
        client = Client(url)
        publish(tmp_path / "models", "H", half_plus_two())
        wait_for(client, 2, 1)
        assert client.predict("H", [2.0]) == [3.0]
        assert client.predict("H", [2.0], version=1) == [3.0]
        shutil.rmtree(first)
        wait_for(client, 2)
        settings.write_text("[models")
        while "Kept all models" not in process.stderr.readline():
            pass  # of a version that was read while it was deleted
        assert client.predict("H", [2.0]) == [3.0]
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=60)[1] == ""


def test_settings_that_cannot_be_read_are_refused(models, tmp_path):
    assert run(models, "--port", "0", "--config", tmp_path / "no.toml") == (
        1,
        "",
        f"kerasheet-serve: Cannot read the settings {tmp_path}/no.toml: No such file "
        "or directory.\n",
    )


def test_one_bad_manifest_does_not_stop_the_others(tmp_path):
    publish(tmp_path, "good", half_plus_two())
    path = publish(tmp_path, "bad", half_plus_two(("batch", 28))) / "manifest.json"
    document = json.loads(path.read_text())
    document["inputs"][0]["shape"] = ["batch", -3]
    path.write_text(json.dumps(document))
    with serve(tmp_path) as (process, url):
        assert Client(url).predict("good", [2.0]) == [3.0]
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert errors == (
        f"kerasheet-serve: Refused version 1 of model bad: {path.parent}/model.onnx "
        "has inputs x float32[batch, 28], its manifest.json says x float32[batch, -3]. "
        "Publish the model again with `kerasheet export`.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["."], None),
        (
            ["--port", "65536"],
            "argument --port: '65536' is not a port, from 0 to 65535",
        ),
        (["--port", "x"], "argument --port: 'x' is not a port, from 0 to 65535"),
        (["--threads", "0"], f"argument --threads: '0' {THREADS}"),
        (["--threads", "100000"], f"argument --threads: '100000' {THREADS}"),
        (
            ["--poll-seconds", "nan"],
            "argument --poll-seconds: 'nan' is not a number of seconds from 0 to 86400",
        ),
        (
            ["--poll-seconds", "often"],
            "argument --poll-seconds: 'often' is not a number of seconds from 0 to "
            "86400",
        ),
        (
            ["--host", ""],
            "argument --host: '' is not an address; 127.0.0.1 is this machine only, "
            "0.0.0.0 every network it is in",
        ),
    ],
)
def test_a_wrong_command_line_is_refused(arguments, problem):
    status, output, errors = run("models", *arguments)
    assert (status, output) == (2, "")
    expected = problem or "unrecognized arguments: ."
    assert errors.splitlines()[-1] == f"kerasheet-serve: error: {expected}"


def test_help_teaches_the_command():
    status, output, errors = run("--help")
    assert (status, errors) == (0, "")
    assert (
        "Serve the models of a repository over TensorFlow Serving's REST protocol."
        in output
    )
    assert "TCP port; 0 picks a free one (default: 8501)" in output
    assert "kerasheet-serve models/ --port 0" in output


def test_the_version_is_that_of_the_distribution():
    installed = version("kerasheet-serving")
    assert run("--version") == (0, f"kerasheet-serve {installed}\n", "")
    assert kerasheet_serving.__version__ == installed


def test_the_command_is_found_by_its_entry_points():
    for group, name in (
        ("console_scripts", "kerasheet-serve"),
        ("kerasheet.commands", "serve"),
    ):
        (entry,) = entry_points(group=group, name=name)
        assert entry.value == "kerasheet_serving.cli:main"


def test_mounted_elsewhere_the_command_speaks_under_that_name(tmp_path):
    script = f"""
from kerasheet_serving.cli import main
main([{str(tmp_path / "no")!r}, "--port", "0"], program="kerasheet serve")
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr.startswith("kerasheet serve: Cannot read model repository ")
