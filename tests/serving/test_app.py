"""One application: both protocols, one queue for each model, and what is counted."""

import json

import pytest
from held_model import Held
from prometheus_client.parser import text_string_to_metric_families
from serving_http import InProcess
from serving_models import half_plus_two, publish

from kerasheet_serving import Settings, create_app

PREDICT = "/v1/models/M:predict", '{"instances":[2.0]}'
INFER = (
    "/v2/models/M/infer",
    '{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[2.0]}]}',
)


@pytest.fixture
def root(tmp_path):
    publish(tmp_path, "M", half_plus_two(), version=7)
    return tmp_path


def counted(app):
    """Numbers of requests and rows that `/metrics` tells."""
    answer = InProcess(app).ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_of_both_protocols_that_wait_for_a_model_run_together(root):
    held = Held(Settings(root, poll_seconds=0, batch_delay=0.0))
    answers = held.ask(PREDICT, [PREDICT, INFER, PREDICT])
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answers[i].text for i in (0, 1, 3)] == ['{"predictions":[3.0]}'] * 3
    assert answers[2].json()["outputs"][0]["data"] == [3.0]
    assert held.sizes == [1, 3]


@pytest.mark.parametrize("request_", [PREDICT, INFER])
def test_a_full_queue_is_answered_503_and_when_to_ask_again(root, request_):
    answers = Held(Settings(root, poll_seconds=0, waiting_rows=1)).ask(
        request_, [request_, request_]
    )
    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert answers[2].headers["retry-after"] == "1"
    assert json.loads(answers[2].text) == {
        "error": "1 rows wait for the model, 1 more than the 1 that may. Ask again in "
        "1 s."
    }


def test_what_is_answered_is_counted_by_model_version_method_and_code(root):
    app = create_app(Settings(root))
    server = InProcess(app)
    for path, body in (PREDICT, INFER, INFER, (PREDICT[0], "{}")):
        server.ask("POST", path, content=body)
    server.ask("POST", "/v1/models/nope:predict", content=PREDICT[1])
    numbers = counted(app)
    assert numbers["kerasheet_requests_total", "200", "7", "M", "predict"] == 1
    assert numbers["kerasheet_requests_total", "400", "7", "M", "predict"] == 1
    assert numbers["kerasheet_requests_total", "200", "7", "M", "infer"] == 2
    assert numbers["kerasheet_requests_total", "", "", "404", "other"] == 1
    assert numbers["kerasheet_request_seconds_count", "7", "M", "infer"] == 2
    assert numbers["kerasheet_batch_rows_count", "7", "M"] == 3
    assert numbers["kerasheet_waiting_requests", "7", "M"] == 0
    assert not any("nope" in labels for labels in numbers)
