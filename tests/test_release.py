"""What is released: one version and one licence for three distributions."""

import re
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest

import kerasheet
import kerasheet_export

ROOT = Path(__file__).parents[1]
PROJECTS = {
    "kerasheet": ROOT,
    "kerasheet-export": ROOT / "export",
    "kerasheet-serving": ROOT / "serving",
}
every_project = pytest.mark.parametrize("name", PROJECTS)


def project(name):
    return tomllib.loads((PROJECTS[name] / "pyproject.toml").read_text())


@every_project
def test_the_version_stands_in_one_place(name):
    table = project(name)
    assert "version" in table["project"]["dynamic"]
    place = PROJECTS[name] / table["tool"]["hatch"]["version"]["path"]
    assert place.resolve() == ROOT / "kerasheet/__init__.py"
    assert version(name) == kerasheet.__version__, "`make check` installs it anew"


def test_the_version_is_semantic():
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", kerasheet.__version__)


def test_the_exporter_takes_no_other_version_of_the_rest():
    assert {
        f"kerasheet=={kerasheet.__version__}",
        f"kerasheet-serving[client]=={kerasheet.__version__}",
    } <= set(requires("kerasheet-export"))
    assert kerasheet_export.__version__ == kerasheet.__version__


def test_the_changelog_begins_with_the_version():
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first[1] == kerasheet.__version__


def test_images_that_deployment_names_are_of_the_version():
    names = re.compile(r"kerasheet-serving:([\w.]+)|newTag: (\S+)")
    files = [path for path in (ROOT / "serving/deploy").rglob("*") if path.is_file()]
    found = {
        "".join(tags) for path in files for tags in names.findall(path.read_text())
    }
    assert found == {kerasheet.__version__}


@every_project
def test_every_distribution_has_the_licence(name):
    table = project(name)["project"]
    assert table["license"] == "Apache-2.0"
    licence = (PROJECTS[name] / "LICENSE").read_text()
    assert licence == (ROOT / "LICENSE").read_text()
    assert "Apache License\n                           Version 2.0" in licence
    for file in table["license-files"]:
        assert (PROJECTS[name] / file).is_file()


@every_project
def test_every_distribution_is_typed_and_says_so(name):
    assert "Typing :: Typed" in project(name)["project"]["classifiers"]
    assert (PROJECTS[name] / name.replace("-", "_") / "py.typed").is_file()
