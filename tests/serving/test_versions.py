"""Versions that come, go and break while the server answers: policies, labels."""

import errno
import json
import os
import shutil

import numpy as np
import onnx
import pytest
from serving_http import InProcess
from serving_models import (
    change_byte,
    constant,
    half_plus_two,
    publish,
    publish_numbers,
)

from kerasheet_serving import (
    InvalidArgument,
    NotFound,
    Repository,
    RepositoryError,
    Settings,
    create_app,
)
from kerasheet_serving.loading import load
from kerasheet_serving.registry import Registry


def states(registry, name="M"):
    return [(v.number, v.error is None) for v in registry.versions(name)]


@pytest.fixture
def registry(tmp_path):
    """Of a repository whose model M has the versions 1 to 3, and its settings file."""
    publish_numbers(tmp_path / "models", 1, 2, 3)
    (tmp_path / "models.toml").write_text("")
    return Registry(Repository(tmp_path / "models"), settings=tmp_path / "models.toml")


@pytest.fixture
def models(tmp_path, registry):
    return tmp_path / "models"


@pytest.fixture
def configure(tmp_path, registry):
    def write(text):
        (tmp_path / "models.toml").write_text(text)
        registry.refresh()

    return write


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [3, 2, 1]),
        ("[models.other]\nlatest = 1", [3, 2, 1]),
        ("[models.M]\nlatest = 1", [3]),
        ("[models.M]\nlatest = 2", [3, 2]),
        ("[models.M]\nlatest = 9", [3, 2, 1]),
        ("[models.M]\nversions = [1, 3, 9]", [3, 1]),
        ("[models.M]\nversions = [9]", []),
    ],
)
def test_the_policy_says_which_versions_serve(registry, configure, text, numbers):
    configure(text)
    assert [version.number for version in registry.versions("M")] == numbers
    retired = [servable.number for servable in registry.take_retired()]
    assert sorted(numbers + retired) == [1, 2, 3]
    assert registry.take_retired() == []


def test_the_latest_are_the_newest_that_work(registry, models, configure):
    configure("[models.M]\nlatest = 1")
    publish_numbers(models, 4)
    change_byte(models / "M" / "4" / "model.onnx")
    registry.refresh()
    assert states(registry) == [(4, False), (3, True)]
    assert registry.find("M").number == 3
    publish_numbers(models, 5)
    registry.refresh()
    assert states(registry) == [(5, True)]


def test_a_label_finds_the_version_it_has_now(registry, configure):
    configure("[models.M.labels]\nstable = 1\ngone = 7")
    assert registry.find("M", label="stable").number == 1
    configure("[models.M.labels]\nstable = 2\ngone = 7")
    assert registry.find("M", label="stable").number == 2
    with pytest.raises(NotFound) as missing:
        registry.find("M", label="gone")
    assert str(missing.value) == "Servable not found for request: Specific(M, 7)"
    for name in ("M", "foo"):
        with pytest.raises(InvalidArgument) as error:
            registry.find(name, label="Nope")
        assert str(error.value) == "Unrecognized servable version label: Nope"


def test_versions_come_and_go(registry, models):
    publish_numbers(models, 4)
    publish(models, "N", half_plus_two())
    registry.refresh()
    assert registry.find("M").number == 4
    assert registry.find("N").number == 1
    shutil.rmtree(models / "M" / "4")
    shutil.rmtree(models / "N")
    registry.refresh()
    assert registry.find("M").number == 3
    assert registry.versions("N") == []
    assert len(registry.take_retired()) == 2


def test_what_has_not_changed_is_not_loaded_again(registry, monkeypatch):
    before = registry.versions("M")
    registry.refresh()
    assert registry.versions("M") == before
    assert registry.take_retired() == []


def test_a_refused_version_is_tried_again_once_it_has_changed(registry, models, caplog):
    """As when somebody copies a version file by file."""
    copy = shutil.copytree(models / "M" / "3", models.with_name("copy"))
    (models / "M" / "4").mkdir()
    registry.refresh()
    registry.refresh()
    assert states(registry)[0] == (4, False)
    assert len(caplog.records) == 1
    for name in ("manifest.json", "model.onnx"):
        shutil.copy(copy / name, models / "M" / "4" / name)
        registry.refresh()
    assert states(registry)[0] == (4, True)


def test_a_model_without_a_manifest_is_loaded_again_when_it_changes(registry, models):
    path = models / "bare" / "1"
    path.mkdir(parents=True)
    for number in (7, 8):
        onnx.save(constant(number).proto, path / "model.onnx")
        registry.refresh()
        answer = registry.find("bare").session.run({"x": np.float32([0])})
        assert answer["y"].tolist() == [number]
    assert len(registry.take_retired()) == 1


def test_a_version_that_breaks_while_it_serves_goes_on(registry, models, caplog):
    change_byte(models / "M" / "3" / "model.onnx")
    registry.refresh()
    registry.refresh()
    assert registry.find("M").number == 3
    assert [v.state for v in registry.states("M")] == ["AVAILABLE"] * 3
    assert states(registry) == [(3, False), (2, True), (1, True)]
    [record] = caplog.records
    assert record.getMessage().startswith(
        f"Refused version 3 of model M: {models}/M/3/model.onnx has sha256 "
    )


def test_what_is_being_deleted_is_not_told_as_refused(
    registry, models, monkeypatch, caplog
):
    def load_what_goes(root, directory, threads):
        (directory / "model.onnx").unlink()
        return load(root, directory, threads)

    os.utime(models / "M" / "3" / "model.onnx")
    with monkeypatch.context() as patch:
        patch.setattr("kerasheet_serving.registry.load", load_what_goes)
        registry.refresh()
    assert states(registry) == [(3, False), (2, True), (1, True)]
    assert caplog.records == []
    registry.refresh()  # and is still there
    [record] = caplog.records
    assert record.getMessage().startswith("Refused version 3 of model M: ")


def test_what_takes_the_place_of_a_version_that_was_found_serves_at_once(
    registry, models, monkeypatch, caplog
):
    read = Repository.read

    def read_what_goes(repository):
        contents = read(repository)
        publish_numbers(models, 5)
        shutil.rmtree(models / "M" / "4")
        return contents

    publish_numbers(models, 4)
    for number in (1, 2, 3):
        shutil.rmtree(models / "M" / str(number))
    monkeypatch.setattr(Repository, "read", read_what_goes)
    registry.refresh()
    assert states(registry) == [(5, True)]
    assert caplog.records == []


def test_a_version_is_loading_then_available_then_unloading_and_at_its_end(
    registry, models, configure, monkeypatch
):
    seen = []
    load = registry._load

    def watched_load(*version):
        seen.append([(v.number, v.state) for v in registry.states("M")])
        return load(*version)

    monkeypatch.setattr(registry, "_load", watched_load)
    publish_numbers(models, 4)
    configure("[models.M]\nlatest = 1")
    older = [(3, "AVAILABLE"), (2, "AVAILABLE"), (1, "AVAILABLE")]
    assert seen == [[(4, "LOADING"), *older]]
    ending = [(3, "UNLOADING"), (2, "UNLOADING"), (1, "UNLOADING")]
    assert [(v.number, v.state) for v in registry.states("M")] == [
        (4, "AVAILABLE"),
        *ending,
    ]
    shutil.rmtree(models / "M" / "2")
    for servable in registry.take_retired():
        registry.ended(servable)
    ended = [(v.number, v.state) for v in registry.states("M")]
    assert ended == [(4, "AVAILABLE"), (3, "END"), (1, "END")]
    shutil.rmtree(models / "M" / "1")
    registry.refresh()
    assert [v.number for v in registry.states("M")] == [4, 3]
    configure("")
    states = [(v.number, v.state) for v in registry.states("M")]
    assert states == [(4, "AVAILABLE"), (3, "AVAILABLE")]


def test_a_model_that_cannot_be_read_for_a_while_goes_on(registry, models, monkeypatch):
    listdir = os.listdir

    def refuse(path):
        if path == models / "M":
            raise PermissionError(errno.EACCES, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refuse)
    registry.refresh()
    assert states(registry) == [(3, True), (2, True), (1, True)]


def test_settings_that_break_change_nothing(registry, configure):
    configure("[models.M]\nlatest = 2")
    with pytest.raises(RepositoryError):
        configure("[models.M]\nlatest = 'two'")
    assert [version.number for version in registry.versions("M")] == [3, 2]


def test_what_is_ignored_is_told_once(registry, models, caplog):
    (models / "E").mkdir()
    registry.refresh()
    registry.refresh()
    assert [record.getMessage() for record in caplog.records] == [
        f"Ignored {models}/E: a version is a directory named 1, 2, 3 ... below its "
        "model."
    ]


def test_labels_answer_over_http(tmp_path):
    publish_numbers(tmp_path / "models", 1, 2)
    (tmp_path / "models.toml").write_text("[models.M.labels]\nstable = 1\ngone = 9")
    settings = Settings(tmp_path / "models", config=tmp_path / "models.toml")
    server = InProcess(create_app(settings))

    def ask(method, path, **options):
        answer = server.ask(method, f"/v1/models/M/labels/{path}", **options)
        return answer.status_code, answer.text

    body = {"content": '{"instances":[0.0]}'}
    examples = {"content": '{"examples":[{"x":0.0}]}'}
    assert ask("POST", "stable:predict", **body) == (200, '{"predictions":[1.0]}')
    assert ask("POST", "stable:regress", **examples) == (200, '{"results":[1.0]}')
    status, text = ask("GET", "stable/metadata")
    assert (status, json.loads(text)["model_spec"]["version"]) == (200, "1")
    status, text = ask("GET", "stable")
    assert [v["version"] for v in json.loads(text)["model_version_status"]] == ["1"]
    assert ask("POST", "gone:predict", **body) == (
        404,
        '{"error": "Servable not found for request: Specific(M, 9)"}',
    )
    assert ask("GET", "gone") == (
        404,
        '{"error": "Could not find version 9 of model M"}',
    )
    assert ask("POST", "Nope:predict", **body) == (
        400,
        '{"error": "Unrecognized servable version label: Nope"}',
    )
