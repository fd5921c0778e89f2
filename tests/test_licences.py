"""docs/licences.md has a row for whatever we ask for, with a reason and a licence."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


licences = module(ROOT / ".ci/licences.py")


def rows(distribution):
    """Package, extra, licence and reason, as the page has them."""
    text = licences.PAGE.read_text()
    section = text.partition(f"### {distribution}\n")[2].partition("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [re.split(r" +\| ", line.strip("| ")) for line in lines[1:]]


@pytest.mark.parametrize("distribution", licences.PROJECTS)
def test_the_page_has_every_dependency_with_its_reason(distribution):
    """`make licences` writes it anew."""
    assert [
        licences.Dependency(package, extra, why)
        for package, extra, _, why in rows(distribution)
    ] == list(licences.direct(distribution))


@pytest.mark.parametrize("distribution", licences.PROJECTS)
def test_every_licence_is_known_and_what_the_package_says(distribution):
    for package, extra, licence, _ in rows(distribution):
        assert licences.is_known(licence), package
        if not extra:
            assert licence == licences.licence(package)


@pytest.mark.parametrize("distribution", licences.PROJECTS)
def test_the_page_has_all_that_a_plain_install_brings(distribution):
    text = licences.PAGE.read_text()
    section = text.partition(f"### {distribution}: ")[2].partition("\n#")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines()[4:] if line]
    packages = {name for _, names in lines for name in names.split(", ")}
    assert packages == licences.brought_by(distribution)


def test_a_dependency_without_a_reason_is_refused(tmp_path, monkeypatch):
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["numpy>=2"]\n[tool.hatch]\n')
    monkeypatch.setitem(licences.PROJECTS, "odd", project)
    with pytest.raises(ValueError) as error:
        list(licences.direct("odd"))
    assert str(error.value) == (
        "'numpy>=2' of odd has no comment that says what it is for. Write one behind "
        "it, on the same line."
    )


def test_a_package_that_is_not_installed_has_no_licence_to_read():
    with pytest.raises(ValueError) as error:
        licences.licence("no-such-package")
    assert str(error.value) == ("no-such-package is not installed; `pip install` it.")
