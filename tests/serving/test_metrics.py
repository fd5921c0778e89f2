"""Counts and times, read as Prometheus reads them."""

import os
import subprocess
import sys

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from serving_http import InProcess
from starlette.applications import Starlette
from starlette.routing import Route

from kerasheet_serving.errors import ServingError
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.shared_counts import SHARED_COUNTS

H = {"model": "H", "version": "123"}


@pytest.fixture
def metrics():
    return Metrics()


def read(metrics, accept="text/plain", parse=text_string_to_metric_families):
    """Everything that `/metrics` answers: numbers by name and labels."""
    app = InProcess(Starlette(routes=[Route("/metrics", metrics.answer)]))
    answer = app.ask("GET", "/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parse(answer.text)
        for sample in family.samples
    }

    def number(name, **labels):
        return samples.get((f"kerasheet_{name}", frozenset(labels.items())))

    return number, answer.headers["content-type"]


def test_requests_are_counted_by_model_version_method_and_code(metrics):
    for code in (200, 200, 400):
        metrics.count_request("H", 123, "predict", code, 0.1)
    metrics.count_request("", None, "predict", 404, 0.1)
    number, _ = read(metrics)
    assert number("requests_total", **H, method="predict", code="200") == 2
    assert number("requests_total", **H, method="predict", code="400") == 1
    unknown = {"model": "", "version": "", "method": "predict"}
    assert number("requests_total", **unknown, code="404") == 1


def test_times_fall_into_buckets(metrics):
    for seconds in (0.0005, 0.004, 0.004, 60.0):
        metrics.count_request("H", 123, "infer", 200, seconds)
    number, _ = read(metrics)
    labels = {**H, "method": "infer"}
    buckets = {"0.001": 1, "0.0025": 1, "0.005": 3, "10.0": 3, "+Inf": 4}
    for bound, count in buckets.items():
        assert number("request_seconds_bucket", **labels, le=bound) == count
    assert number("request_seconds_count", **labels) == 4
    assert number("request_seconds_sum", **labels) == 60.0085


def test_rows_of_batches_and_the_queue_are_those_of_the_model_watched(metrics):
    queue = []
    metrics.watch("H", 123, queue.__len__)
    observe = metrics.row_count("H", 123)
    for rows in (1, 3, 32):
        observe(rows)
    queue.extend("abc")
    number, _ = read(metrics)
    assert number("batch_rows_bucket", **H, le="2.0") == 1
    assert number("batch_rows_bucket", **H, le="4.0") == 2
    assert (number("batch_rows_count", **H), number("batch_rows_sum", **H)) == (3, 36)
    assert number("waiting_requests", **H) == 3
    queue.clear()
    assert read(metrics)[0]("waiting_requests", **H) == 0


def test_a_model_that_is_unloaded_has_no_queue_but_what_it_answered(metrics):
    queue = [].__len__
    metrics.watch("H", 123, queue)
    metrics.row_count("H", 123)(8)
    metrics.forget("H", 123, queue)
    metrics.forget("H", 123, queue)
    number, _ = read(metrics)
    assert number("waiting_requests", **H) is None
    assert number("batch_rows_count", **H) == 1


def test_counts_are_kept_of_the_versions_that_ended_last(metrics):
    queue = [].__len__

    def serve(version):
        metrics.watch("H", version, queue)
        metrics.row_count("H", version)(1)
        metrics.count_request("H", version, "predict", 200, 0.1)

    for version in range(40):
        serve(version)
        if version != 1:
            metrics.forget("H", version, queue)
        if version == 10:
            serve(0)  # again
    number, _ = read(metrics)
    kept = {
        version: number("batch_rows_count", model="H", version=str(version))
        for version in range(40)
    }
    assert {version: count for version, count in kept.items() if count} == {
        **{0: 2, 1: 1},
        **dict.fromkeys(range(24, 40), 1),
    }
    labels = {"model": "H", "method": "predict"}
    assert number("requests_total", **labels, version="23", code="200") is None
    assert number("request_seconds_count", **labels, version="23") is None
    assert number("requests_total", **labels, version="24", code="200") == 1
    serve(23)
    again, _ = read(metrics)
    assert again("requests_total", **labels, version="23", code="200") == 1


SHARED = """
from kerasheet_serving.metrics import Metrics
metrics = Metrics()
queue = [1].__len__
for version in range(1, 151):
    metrics.watch("H", version, queue)
    metrics.row_count("H", version)(1)
    metrics.count_request("H", version, "predict", 200, 0.1)
    if version < 150:
        metrics.forget("H", version, queue)
for family in metrics.read().collect():
    if family.name == "kerasheet_requests":
        for sample in family.samples:
            print(sample.labels["version"], int(sample.value))
"""


def test_counts_that_cannot_be_dropped_are_of_a_hundred_versions(tmp_path):
    environment = {**os.environ, SHARED_COUNTS: str(tmp_path)}
    output = subprocess.check_output(
        [sys.executable, "-c", SHARED], text=True, env=environment
    )
    counts = dict(line.split() for line in output.splitlines())
    assert counts.pop("others") == "50"
    assert counts == {str(version): "1" for version in range(1, 101)}


def test_a_directory_for_counts_that_is_none_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(SHARED_COUNTS, str(tmp_path / "none"))
    with pytest.raises(ServingError) as error:
        Metrics()
    assert str(error.value) == (
        f"PROMETHEUS_MULTIPROC_DIR names '{tmp_path / 'none'}', which is no directory. "
        "Make it, or take the variable out of the environment."
    )


def test_a_file_for_counts_that_is_just_being_made_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setenv(SHARED_COUNTS, str(tmp_path))
    metrics = Metrics()
    (tmp_path / "counter_1.db").touch()
    assert [*metrics.read().collect()] == []


def test_a_model_that_took_the_place_of_another_keeps_its_queue(metrics):
    old, new = [].__len__, [1, 2].__len__
    metrics.watch("H", 123, old)
    metrics.watch("H", 123, new)
    metrics.forget("H", 123, old)
    assert read(metrics)[0]("waiting_requests", **H) == 2


def test_every_application_counts_for_itself(metrics):
    Metrics().count_request("H", 123, "predict", 200, 0.1)
    assert read(metrics)[0]("requests_total", **H, method="predict", code="200") is None


def test_the_memory_of_the_process_is_told(metrics):
    app = InProcess(Starlette(routes=[Route("/metrics", metrics.answer)]))
    assert "\nprocess_resident_memory_bytes " in app.ask("GET", "/metrics").text


def test_names_of_models_are_escaped(metrics):
    name = 'a"b\\c\nd'
    metrics.watch(name, 1, lambda: 7)
    assert read(metrics)[0]("waiting_requests", model=name, version="1") == 7


def test_the_answer_has_the_format_that_is_asked_for(metrics):
    metrics.watch("H", 123, lambda: 2)
    plain, plain_type = read(metrics)
    accept = "application/openmetrics-text; version=1.0.0"
    parse = openmetrics.text_string_to_metric_families
    opened, opened_type = read(metrics, accept, parse)
    assert plain_type.startswith("text/plain; version=")
    assert opened_type.startswith("application/openmetrics-text; version=1.0.0")
    for number in (plain, opened):
        assert number("waiting_requests", **H) == 2


def test_who_counts_nothing_loads_no_prometheus():
    script = "import sys, kerasheet_serving.metrics; print(*sys.modules)"
    output = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert "prometheus_client" not in output.split()
