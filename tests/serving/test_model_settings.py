"""The file that says which versions serve, and what they are called."""

import pytest

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.model_settings import ModelSettings, read_model_settings


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "models.toml"

    def parse(text):
        path.write_text(text)
        return read_model_settings(path)

    return parse


def test_a_model_has_a_policy_and_labels(read):
    assert read(
        """
        [models.mnist]
        latest = 2
        labels = {stable = 3, canary = 5}
        [models."res.net"]
        versions = [7, 5]
        [models.all]
        """
    ) == {
        "mnist": ModelSettings(latest=2, labels={"stable": 3, "canary": 5}),
        "res.net": ModelSettings(versions=(7, 5)),
        "all": ModelSettings(),
    }


def test_an_empty_file_says_nothing(read):
    assert read("") == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("models = 3", "models must be a table, not 3"),
        ("port = 3", "the file has 'port', and may have server, models"),
        ("models.M = 3", "models.M must be an object, not 3"),
        (
            "models.M.newest = 3",
            "models.M has 'newest', and may have latest, versions, labels",
        ),
        ("models.M.latest = 'x'", "models.M.latest must be a whole number, not 'x'"),
        ("models.M.latest = -1", "in models.M, latest must be 1 or more, not -1"),
        ("models.M.versions = [0]", "in models.M, 0 is not the number of a version"),
        ("models.M.labels.x = -3", "in models.M, -3 is not the number of a version"),
        (
            "models.M.labels.x = 'y'",
            "models.M.labels.x must be a whole number, not 'y'",
        ),
        (
            "[models.M]\nlatest = 1\nversions = [1]",
            "in models.M, latest and versions exclude each other; leave out one",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(read, tmp_path, text, problem):
    with pytest.raises(RepositoryError) as error:
        read(text)
    assert str(error.value) == (
        f"{tmp_path}/models.toml does not hold settings: {problem}."
    )


def test_what_is_no_toml_is_refused(read, tmp_path):
    with pytest.raises(RepositoryError) as error:
        read("[models")
    assert str(error.value).startswith(
        f"{tmp_path}/models.toml does not hold settings: "
    )


def test_a_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(RepositoryError) as error:
        read_model_settings(tmp_path / "no.toml")
    assert str(error.value) == (
        f"Cannot read the settings {tmp_path}/no.toml: No such file or directory."
    )
