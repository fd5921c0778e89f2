"""The repository over the Open Inference Protocol: what it holds, and to look again."""

import shutil

import pytest
from serving_http import InProcess
from serving_models import change_byte, constant, publish, publish_numbers

from kerasheet_serving import Settings, create_app


@pytest.fixture
def root(tmp_path):
    publish_numbers(tmp_path, 1, 2)
    change_byte(publish(tmp_path, "M", constant(3), 3) / "model.onnx")
    return tmp_path


@pytest.fixture
def server(root):
    """It never looks by itself."""
    return InProcess(create_app(Settings(root, poll_seconds=0)))


def states(server, body=b""):
    answer = server.ask("POST", "/v2/repository/index", content=body)
    assert answer.status_code == 200
    return [(one["name"], one["version"], one["state"]) for one in answer.json()]


def load(server, name, **options):
    answer = server.ask("POST", f"/v2/repository/models/{name}/load", **options)
    return answer.status_code, answer.json()


def test_the_index_tells_of_every_version(server, root):
    ready = [("M", "2", "READY"), ("M", "1", "READY")]
    assert states(server) == [("M", "3", "UNAVAILABLE"), *ready]
    assert states(server, b'{"ready": true}') == ready
    [broken, *others] = server.ask("POST", "/v2/repository/index").json()
    assert broken["reason"].startswith(f"{root}/M/3/model.onnx has sha256 ")
    assert [one["reason"] for one in others] == ["", ""]


def test_what_is_published_serves_as_soon_as_it_is_loaded(server, root):
    publish(root, "N", constant(5), 1)
    assert load(server, "N") == (200, {})
    answer = server.ask("POST", "/v1/models/N:predict", content='{"instances":[0.0]}')
    assert answer.text == '{"predictions":[5.0]}'
    shutil.rmtree(root / "M" / "2")
    assert load(server, "M", content=b"{}") == (200, {})
    assert states(server) == [
        ("M", "3", "UNAVAILABLE"),
        ("M", "1", "READY"),
        ("N", "1", "READY"),
    ]


def test_what_cannot_be_loaded_is_refused_with_the_reason(server, root):
    assert load(server, "nope") == (
        400,
        {"error": "failed to load 'nope': the repository has no such model"},
    )
    change_byte(publish(root, "N", constant(1), 1) / "model.onnx")
    status, answer = load(server, "N")
    assert status == 400
    assert answer["error"].startswith(f"failed to load 'N': {root}/N/1/model.onnx has")
    assert load(server, "M", json={"parameters": {"config": "{}"}}) == (
        400,
        {
            "error": "failed to load 'M': it is loaded as it is on disk, without "
            "'parameters'"
        },
    )
    root.rename(root.with_name("away"))
    status, answer = load(server, "M")
    assert status == 503
    assert answer["error"].startswith(
        f"failed to load 'M': Cannot read model repository {root}: No such file"
    )
    root.with_name("away").rename(root)


def test_no_model_is_unloaded_that_the_repository_holds(server):
    answer = server.ask("POST", "/v2/repository/models/M/unload")
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error": "failed to unload 'M': what the repository holds is served. Take "
            "its directory away, or name the versions that serve in the file of "
            "settings."
        },
    )


@pytest.mark.parametrize("body", [b"[]", b'{"ready": 1}', b"{" * 100])
def test_a_malformed_request_is_refused(server, body):
    answer = server.ask("POST", "/v2/repository/index", content=body)
    assert answer.status_code == 400
