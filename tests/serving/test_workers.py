"""Several processes serve as one: on one port, with one set of counts, to one end."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving_models import half_plus_two, publish, slow
from serving_process import listeners, run, serve, wait_for

from kerasheet_serving import Settings
from kerasheet_serving.errors import PortInUse
from kerasheet_serving.shared_counts import SHARED_COUNTS
from kerasheet_serving.web.listener import hold
from kerasheet_serving.worker import LOOK
from kerasheet_serving.workers import _Worker, _Workers

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


def predict(url, number=2.0):
    """Ask once, over a connection of its own; who answers is the system's choice."""
    return httpx.post(url + PREDICT, json={"instances": [number]}).json()["predictions"]


def ask_slow(url, size):
    """Ask the model named slow for a product of matrices of that size."""
    return httpx.post(
        f"{url}/v1/models/slow:predict",
        json={"inputs": [size, size]},
        timeout=END_SECONDS,
    )


def start_slow(process, url, threads, size):
    """Ask that from a thread; returns once a worker computes it."""

    def used():
        return sum(map(processor_seconds, workers(process)))

    wait_for(lambda: listeners(url) == 2)
    before = used()
    busy = threads.submit(ask_slow, url, size)
    wait_for(lambda: used() > before + MORE_THAN_A_START)
    return busy


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


def test_counts_are_those_of_all_and_outlive_one_that_is_killed(root):
    with serve(root, *TWO) as (process, url):
        wait_for(lambda: listeners(url) == 2)
        assert [predict(url) for _ in range(20)] == [[3.0]] * 20
        wait_for(lambda: counted(url) == 20)  # soon after the answer
        killed, other = workers(process)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len({*workers(process)} - {killed, other}) == 1)
        wait_for(lambda: listeners(url) == 2)
        assert [predict(url) for _ in range(10)] == [[3.0]] * 10
        wait_for(lambda: counted(url) == 30)
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
        wait_for(lambda: listeners(url) == 2)
        assert statuses() == {404}
        publish(root, "M", half_plus_two(), version=124)
        wait_for(lambda: statuses() == {200})


def test_what_one_is_told_to_load_all_load(root):
    def serving():
        """Versions that processes say they serve, over connections of their own."""
        path = f"{url}/v1/models/M"
        return {httpx.get(path).text.count("AVAILABLE") for _ in range(20)}

    with serve(root, *TWO, "--poll-seconds", "0") as (_, url):
        wait_for(lambda: listeners(url) == 2)
        for version in (124, 125):
            publish(root, "M", half_plus_two(), version)
            loaded = httpx.post(f"{url}/v2/repository/models/M/load")
            assert (loaded.status_code, loaded.json()) == (200, {})
            wait_for(lambda count=version - 122: serving() == {count})


def test_one_that_has_just_ended_need_not_look(root):
    process = multiprocessing.get_context("spawn").Process(target=int)
    process.start()
    process.join()
    workers = _Workers(Settings(root), "program")
    workers._workers.append(_Worker(process, None))
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    workers._let_look(LOOK, None)


def test_a_second_signal_stops_at_once(root):
    publish(root, "slow", slow())
    with serve(root, *TWO) as (process, url), ThreadPoolExecutor() as threads:
        busy = start_slow(process, url, threads, 4000)  # ten seconds of processor time
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: listeners(url) == 0)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=END_SECONDS)
        assert isinstance(busy.exception(), httpx.TransportError)
    assert process.returncode == 1
    assert "Stopped at once, without answers to what was being answered" in errors


def test_they_end_when_the_first_process_is_killed(root):
    with serve(root, *TWO) as (process, url):
        wait_for(lambda: listeners(url) == 2)
        assert predict(url) == [3.0]
        started = workers(process)
        assert len(started) == 2
        environment = Path(f"/proc/{started[0]}/environ").read_text().split("\0")
        counts = dict(line.split("=", 1) for line in environment if line)[SHARED_COUNTS]
        assert Path(counts).exists()
        process.kill()
        process.wait()
        wait_for(lambda: not any(Path(f"/proc/{one}").exists() for one in started))
        assert not Path(counts).exists()


def test_a_worker_may_be_told_to_stop_before_all_are(root):
    publish(root, "slow", slow())
    with serve(root, *TWO) as (process, url), ThreadPoolExecutor() as threads:
        busy = start_slow(process, url, threads, 3000)  # some seconds
        os.kill(max(workers(process), key=processor_seconds), signal.SIGTERM)
        wait_for(lambda: listeners(url) == 1)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=END_SECONDS)
        assert busy.result().status_code == 200
    assert (process.returncode, errors) == (0, "")


def test_a_port_is_held_by_one(root):
    with hold("127.0.0.1", 0, "--port") as first:
        port = first.getsockname()[1]
        with pytest.raises(PortInUse):
            hold("127.0.0.1", port, "--port")
        with hold("127.0.0.1", port, "--port", shared=True):
            pass


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
