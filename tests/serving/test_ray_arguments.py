"""What `--ray` and the file of Ray Serve say, where there is no Ray."""

from importlib.util import find_spec

import pytest
from serving_models import half_plus_two, publish
from serving_process import run

from kerasheet_serving.setting_sources import read_values, settle
from kerasheet_serving.settings import Settings


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed here")
def test_without_ray_a_sentence_tells_how_to_install_it(tmp_path):
    publish(tmp_path, "H", half_plus_two())
    assert run(tmp_path, "--ray", "--port", "0") == (
        1,
        "",
        "kerasheet-serve: --ray needs Ray Serve, and 'ray' is not installed. Install "
        "it with `pip install 'kerasheet-serving[ray]'`.\n",
    )


def test_an_empty_repository_is_refused_before_ray_starts(tmp_path):
    assert run(tmp_path, "--ray", "--port", "0") == (
        1,
        "",
        f"kerasheet-serve: {tmp_path} has no model that can be served. Export one into "
        "it with `kerasheet export`.\n",
    )


def settings(**arguments):
    return settle(dict(read_values(arguments, "args.{}")), {})


def test_arguments_of_an_application_are_settings_as_text_or_as_they_are(tmp_path):
    expected = Settings(tmp_path, batch_rows=16, batch_delay=0.5)
    as_text = settings(repository=str(tmp_path), batch_rows="16", batch_delay="0.5")
    as_they_are = settings(repository=str(tmp_path), batch_rows=16, batch_delay=0.5)
    assert as_text == as_they_are == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_rowz": 1}, "args.batch_rowz is no setting; did you mean "
         "args.batch_rows?"),
        ({"batch_rows": 0}, "args.batch_rows: '0' is not a number of rows, from 1 to "
         "1048576"),
        ({}, "give the directory of the models"),
    ],
)  # fmt: skip
def test_wrong_arguments_of_an_application_are_refused(arguments, words):
    with pytest.raises(ValueError) as error:
        settings(**arguments)
    assert str(error.value) == words


@pytest.mark.parametrize(
    ("text", "wanted"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_ray_can_be_asked_for_in_the_environment(text, wanted, tmp_path):
    environment = {"KERASHEET_SERVE_RAY": text}
    assert settle({"repository": tmp_path}, environment).ray is wanted


def test_what_is_neither_true_nor_false_is_refused(tmp_path):
    with pytest.raises(ValueError) as error:
        settle({"repository": tmp_path}, {"KERASHEET_SERVE_RAY": "yes"})
    assert str(error.value) == ("KERASHEET_SERVE_RAY: 'yes' is neither true nor false")
