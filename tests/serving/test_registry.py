"""The registry: what cannot be loaded is refused with its reason; the rest serves."""

import numpy as np
import pytest
from onnx import helper
from serving_http import InProcess
from serving_models import Model, change_byte, half_plus_two, publish

from kerasheet_serving import NotFound, Repository, Settings, TensorSpec, create_app
from kerasheet_serving.announcement import announce
from kerasheet_serving.registry import Registry
from kerasheet_serving.servable import one_by_one


@pytest.fixture
def damaged(tmp_path):
    """Model M with version 1 whole and version 2 damaged, and an empty model E."""
    publish(tmp_path, "M", half_plus_two())
    change_byte(publish(tmp_path, "M", half_plus_two()) / "model.onnx")
    (tmp_path / "E").mkdir()
    return tmp_path


def test_a_broken_newest_version_never_replaces_a_working_one(damaged):
    registry = Registry(Repository(damaged))
    servable = registry.find("M")
    assert (servable.number, servable.manifest.version) == (1, 1)
    assert [(v.number, v.error is None) for v in registry.versions("M")] == [
        (2, False),
        (1, True),
    ]
    serving = registry.serving().items()
    assert {name: [s.number for s in found] for name, found in serving} == {"M": [1]}


def test_refusals_are_logged_with_their_reason(damaged, caplog):
    registry = Registry(Repository(damaged))
    error = registry.versions("M")[0].error
    assert [record.getMessage() for record in caplog.records] == [
        f"Ignored {damaged}/E: a version is a directory named 1, 2, 3 ... below its "
        "model.",
        f"Refused version 2 of model M: {error}",
    ]


def test_whatever_befalls_one_that_is_loaded_the_others_serve(tmp_path, caplog):
    for name in "ABC":
        publish(tmp_path, name, half_plus_two())

    def make_runner(name, number, session):
        if name == "B":
            raise ZeroDivisionError("a bug")
        return one_by_one(name, number, session)

    registry = Registry(Repository(tmp_path), make_runner=make_runner)
    assert list(registry.serving()) == ["A", "C"]
    [version] = registry.states("B")
    reason = "It cannot be loaded: ZeroDivisionError('a bug')."
    assert (version.state, version.reason) == ("END", reason)
    [record] = caplog.records
    assert record.getMessage() == "Cannot load version 1 of model B"
    assert record.exc_info[0] is ZeroDivisionError


def test_what_a_lack_of_memory_or_files_kept_from_loading_is_tried_again(
    tmp_path, caplog
):
    publish(tmp_path, "M", half_plus_two())
    lacking = [OSError(24, "Too many open files")] * 2

    def make_runner(name, number, session):
        if lacking:
            raise lacking.pop()
        return one_by_one(name, number, session)

    registry = Registry(Repository(tmp_path), make_runner=make_runner)
    registry.refresh()
    assert registry.serving() == {}
    registry.refresh()
    assert list(registry.serving()) == ["M"]
    assert len(caplog.records) == 1


def test_the_repository_is_read_once(damaged, monkeypatch):
    calls = []
    read = Repository.read
    monkeypatch.setattr(Repository, "read", lambda self: calls.append(1) or read(self))
    Registry(Repository(damaged))
    assert calls == [1]


@pytest.mark.parametrize(
    ("name", "number", "request_text"),
    [
        ("foo", None, "Latest(foo)"),
        ("foo", 1, "Specific(foo, 1)"),
        ("M", 2, "Specific(M, 2)"),
        ("M", 3, "Specific(M, 3)"),
        ("E", None, "Latest(E)"),
    ],
)
def test_what_does_not_serve_is_not_found(damaged, name, number, request_text):
    with pytest.raises(NotFound) as error:
        Registry(Repository(damaged)).find(name, number)
    assert str(error.value) == f"Servable not found for request: {request_text}"


def test_status_tells_why_a_version_was_refused(damaged):
    app = create_app(Settings(damaged))
    error = app.state.registry.versions("M")[0].error
    assert InProcess(app).ask("GET", "/v1/models/M").json() == {
        "model_version_status": [
            {
                "version": "2",
                "state": "END",
                "status": {
                    "error_code": "FAILED_PRECONDITION",
                    "error_message": str(error),
                },
            },
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            },
        ]
    }


def test_a_model_without_inputs_is_announced_with_its_description(tmp_path, capsys):
    constant = Model(
        [helper.make_node("Identity", ["one"], ["y"])],
        [],
        [TensorSpec("y", "float32", ())],
        {"one": np.array(1, np.float32)},
    )
    publish(tmp_path, "C", constant)
    announce(Registry(Repository(tmp_path)), "http://here")
    assert capsys.readouterr().out == (
        "Serving 1 model(s) at http://here\n  C  1   -> y float32[]\n"
        "    curl http://here/v1/models/C/metadata\n"
    )


def test_a_refused_version_answers_no_prediction(damaged):
    server = InProcess(create_app(Settings(damaged)))
    body = '{"instances":[2.0]}'
    newest = server.ask("POST", "/v1/models/M:predict", content=body)
    broken = server.ask("POST", "/v1/models/M/versions/2:predict", content=body)
    assert (newest.status_code, newest.text) == (200, '{"predictions":[3.0]}')
    assert (broken.status_code, broken.json()) == (
        404,
        {"error": "Servable not found for request: Specific(M, 2)"},
    )
