"""Several processes serve as one: on one port, with one set of counts, to one end."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving_models import half_plus_two, publish, slow
from serving_process import run, serve

PREDICT = "/v1/models/M:predict"
TWO = ("--workers", "2", "--threads", "1")
END_SECONDS = 60
MORE_THAN_A_START = 2  # seconds of the processor


@pytest.fixture
def root(tmp_path):
    publish(tmp_path, "M", half_plus_two())
    return tmp_path


def workers(process):
    """Process ids of those whom a process has started to serve."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = stat.with_name("cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == process.pid and "spawn_main" in command:
            found.append(int(stat.parent.name))
    return found


def processor_seconds(number):
    """Processor time that a process has used."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(condition):
    end = time.monotonic() + END_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def predict(url, number=2.0):
    """Ask once, over a connection of its own; who answers is the system's choice."""
    return httpx.post(url + PREDICT, json={"instances": [number]}).json()["predictions"]


def counted(url):
    """Predictions that `/metrics` has counted."""
    families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "kerasheet_requests_total"
        and sample.labels["method"] == "predict"
    )


def both_listen(url):
    """Whether two processes have sockets that listen on the port of `url`."""
    port = f"{int(url.rpartition(':')[2]):04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = "0A"
    rows = (line.split() for line in lines)
    return sum(r[1].endswith(f":{port}") and r[3] == listening for r in rows) == 2


def test_counts_are_those_of_all_and_outlive_one_that_is_killed(root):
    with serve(root, *TWO) as (process, url):
        wait_for(lambda: both_listen(url))
        assert [predict(url) for _ in range(20)] == [[3.0]] * 20
        assert counted(url) == 20
        killed, other = workers(process)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len({*workers(process)} - {killed, other}) == 1)
        wait_for(lambda: both_listen(url))
        assert [predict(url) for _ in range(10)] == [[3.0]] * 10
        assert counted(url) == 30
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=END_SECONDS)
    assert process.returncode == 0
    assert errors == (
        "kerasheet-serve: A worker ended with signal 9; another takes its place\n"
    )


def test_all_get_to_know_what_is_published(root):
    def statuses():
        """Of twenty requests, of which each process most likely gets one."""
        path = f"{url}/v1/models/M/versions/124:predict"
        return {
            httpx.post(path, json={"instances": [2.0]}).status_code for _ in range(20)
        }

    with serve(root, *TWO) as (_, url):
        wait_for(lambda: both_listen(url))
        assert statuses() == {404}
        publish(root, "M", half_plus_two(), version=124)
        wait_for(lambda: statuses() == {200})


def test_a_second_signal_stops_at_once(root):
    publish(root, "slow", slow())
    with serve(root, *TWO) as (process, url), ThreadPoolExecutor() as threads:
        wait_for(lambda: both_listen(url))
        before = {one: processor_seconds(one) for one in workers(process)}
        busy = threads.submit(
            httpx.post,
            f"{url}/v1/models/slow:predict",
            json={"inputs": [4000, 4000]},  # ten seconds of processor time
            timeout=END_SECONDS,
        )
        wait_for(
            lambda: any(
                processor_seconds(one) > used + MORE_THAN_A_START
                for one, used in before.items()
            )
        )
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: not both_listen(url))
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=END_SECONDS)
        assert isinstance(busy.exception(), httpx.TransportError)
    assert process.returncode == 1
    assert "Stopped at once, without answers to what was being answered" in errors


def test_they_end_when_the_first_process_is_killed(root):
    with serve(root, *TWO) as (process, url):
        assert predict(url) == [3.0]
        started = workers(process)
        assert len(started) == 2
        process.kill()
        process.wait()
        wait_for(lambda: not any(Path(f"/proc/{one}").exists() for one in started))


@pytest.mark.parametrize("setting", [("--port",), ("--grpc-port",)])
def test_a_port_in_use_is_told_once(root, setting):
    with serve(root, *TWO) as (_, url):
        port = url.rpartition(":")[2]
        status, output, errors = run(root, *TWO, "--port", "0", *setting, port)
    assert (status, output) == (1, "")
    assert errors.startswith(f"kerasheet-serve: Port {port} of 127.0.0.1 is in use.")
    assert errors.count("\n") == 1


def test_nothing_to_serve_is_told_once(tmp_path):
    status, output, errors = run(tmp_path, *TWO, "--port", "0")
    assert (status, output) == (1, "")
    assert "has no model that can be served" in errors
    assert errors.count("\n") == 1


def test_models_that_cannot_be_loaded_end_all(root):
    (root / "M" / "1" / "model.onnx").write_bytes(b"")
    status, output, errors = run(root, *TWO, "--port", "0")
    assert (status, output) == (1, "")
    assert "has no model that can be served" in errors


def test_ray_has_replicas_instead(root):
    assert run(root, "--ray", *TWO) == (
        1,
        "",
        "kerasheet-serve: --workers is for one machine. With --ray, replicas come and "
        "go with the load; leave it out.\n",
    )
