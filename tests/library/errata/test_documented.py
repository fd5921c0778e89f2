"""docs/errata.md has a sentence for every row, and links every test of this folder."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROWS = range(1, 56)
WORDS_ONLY = {1, 6, 55}  # nothing in them can be computed
LINK = re.compile(
    r"\[`(test_errata_(\d+)_\w+)`\]\(\.\./(tests/library/errata/\w+\.py)\)"
)


def items():
    """Text of each numbered paragraph of the page, by number."""
    text = (ROOT / "docs/errata.md").read_text()
    found = re.findall(r"^(\d+)\. (.*?)(?=\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    numbers = [int(number) for number, _ in found]
    assert len(set(numbers)) == len(numbers)
    return dict(zip(numbers, (item for _, item in found), strict=True))


def written():
    """Every test of an erratum in this folder, as (file, name)."""
    return {
        (str(path.relative_to(ROOT)), node.name)
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_errata_")
    }


def test_every_row_has_its_paragraph_in_order():
    assert list(items()) == list(ROWS)


def test_every_row_that_can_be_computed_has_a_test():
    assert {n for n, item in items().items() if not LINK.search(item)} == WORDS_ONLY


def test_a_row_links_the_tests_that_bear_its_number_and_no_others():
    links = set()
    for number, item in items().items():
        for name, named, path in LINK.findall(item):
            assert int(named) == number, name
            links.add((path, name))
        assert item.count("](") == len(LINK.findall(item)), f"row {number}: a bad link"
    assert links == written()
