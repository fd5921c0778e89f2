"""One repository of small models, and a server of it in this process."""

import json

import hypothesis
import pytest
from serving_http import InProcess
from serving_models import (
    change_byte,
    half_plus_two,
    identity,
    picked_row,
    publish,
    sum_and_product,
    total,
    values_and_total,
)

from kerasheet_serving import Settings, create_app
from kerasheet_serving.dtypes import V2_NAMES

# Other work on the same machine makes single examples slow now and then.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

MODELS = {
    "column": half_plus_two(("batch", 1)),
    "ab": sum_and_product(),
    "text": identity("str"),
    "raw": identity("str", output="y_bytes"),
    "total": total(),
    "values_and_total": values_and_total(),
    "picked": picked_row(),
    "grid": identity("float32", ("rows", "columns")),
    **{
        dtype: identity(dtype)
        for dtype in ("float16", "float64", "int8", "int64", "uint64", "bool")
    },
}


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    publish(root, "H", half_plus_two(), version=123)
    for name, model in MODELS.items():
        publish(root, name, model)
    return root


@pytest.fixture(scope="session")
def server(repository):
    return InProcess(create_app(Settings(repository, max_request_bytes=100_000)))


@pytest.fixture
def predict(server):
    """Post a body to a model; returns the status and the answer's text."""

    def post(model, body, **headers):
        if not isinstance(body, bytes | str):
            body = json.dumps(body)
        path = f"/v1/models/{model}:predict"
        answer = server.ask("POST", path, content=body, headers=headers)
        assert answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.text

    return post


@pytest.fixture
def refused(predict):
    """Post a body that is refused with 400; returns the message."""

    def post(model, body, **headers):
        status, text = predict(model, body, **headers)
        assert status == 400, text
        assert json.loads(text).keys() == {"error"}
        return json.loads(text)["error"]

    return post


@pytest.fixture(scope="session")
def v2_settings(tmp_path_factory):
    """Of a server of M, half plus two in versions 1 and 10, and every type by name."""
    root = tmp_path_factory.mktemp("v2")
    for version in (1, 10):
        publish(root, "M", half_plus_two(("batch", 1)), version)
    for name in ("ab", "total", "picked"):
        publish(root, name, MODELS[name])
    for dtype, name in V2_NAMES.items():
        publish(root, name, identity(dtype, ("rows", "columns")))
    change_byte(publish(root, "broken", half_plus_two()) / "model.onnx")
    return Settings(root, port=0, max_request_bytes=100_000)


@pytest.fixture(scope="session")
def v2(v2_settings):
    return InProcess(create_app(v2_settings))
