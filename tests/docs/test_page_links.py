"""Links between files of the repository lead to pages of the site."""

import doctest
import importlib

import page_links
import pytest
from page_links import BrokenLink, read_page, resolve_links, section
from shell_blocks import ROOT


def test_a_file_that_is_a_page_is_linked_wherever_it_stands():
    text = resolve_links("[rest](export/README.md#x)", "README.md", "train/index.md")
    assert text == "[rest](../export/index.md#x)"
    text = resolve_links("[s](../docs/sheet.md)", "notebooks/1.ipynb", "notebooks/1.md")
    assert text == "[s](../sheet.md)"


def test_a_directory_is_the_page_of_its_readme():
    text = resolve_links("[all](serving/deploy)", "README.md", "index.md")
    assert text == "[all](scale_out/containers.md)"


def test_a_file_that_is_no_page_is_named_only():
    text = resolve_links("[`code`](../kerasheet/cli/app.py)", "docs/a.md", "a.md")
    assert text == "`code`"


def test_a_path_in_code_is_linked_if_it_is_a_page():
    text = resolve_links("`docs/errata.md`, `kerasheet/`", "README.md", "index.md")
    assert text == "[`docs/errata.md`](errata.md), `kerasheet/`"


def test_links_elsewhere_and_code_blocks_are_left_alone():
    for text in ("[a](https://example.org/)", "[a](#b)", "```\n[a](b)\n```"):
        assert resolve_links(text, "README.md", "index.md") == text


def test_a_link_to_nothing_is_refused():
    with pytest.raises(BrokenLink) as error:
        resolve_links("[a](nowhere.md)", "README.md", "index.md")
    assert str(error.value) == "README.md links to nowhere.md, which is nothing."


def test_a_section_ends_where_the_next_begins():
    text = "# a\n\n## b\n```\n# c\n```\n### d\n\n## e\n"
    assert section(text, "b", "a.md") == "## b\n```\n# c\n```\n### d\n\n"
    with pytest.raises(BrokenLink) as error:
        section(text, "f", "a.md")
    assert str(error.value) == "a.md has no heading 'f'."


@pytest.mark.parametrize("page", sorted({*page_links.pages().values()}))
def test_every_page_can_be_read(page):
    if page.startswith("notebooks/") and not page.endswith("index.md"):
        return
    assert read_page(page).startswith("# ")


HOOKS = sorted(path.stem for path in (ROOT / "docs" / "hooks").glob("*.py"))


@pytest.mark.parametrize("name", HOOKS)
def test_examples_are_true(name):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name in HOOKS:
            raise
        pytest.skip(f"needs {missing.name}, which `make docs` installs")
    assert doctest.testmod(module).failed == 0
