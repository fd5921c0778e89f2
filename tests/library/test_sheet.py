"""docs/sheet.md: every place of the sheet has code that imports and a test that is."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

# Every numbered section, figure and code block of the sheet, in the order of the table.
PLACES = """
§1, §1.1, §1.2, §1.3, §1.4, code cross_entropy
§2, §2.1, Figure 2.1, §2.2, §2.3, §2.4
§3
§4, Figure 4.1
§5, §5.1, Figure 5.1, §5.2, §5.2.1, §5.2.2, §5.2.3
§6, §6.1, Figure 6.1, code corr2d, §6.2, §6.3, Figure 6.2, §6.4, Figure 6.3
§6.5, Figure 6.4, code pool2d
§6.6, Figure 6.5
§6.7, Figure 6.6
§6.8, code vgg_block
§6.9, Figure 6.7, code nin_block, code GlobalAvgPool2d
§6.10, Figure 6.8, code Inception
§6.11, §6.11.1, §6.11.2, §6.11.3, code batch_norm
§6.12, Figure 6.9, code Residual, code resnet_block
§6.13, Figure 6.10, code conv_block, code DenseBlock, code transition_block
§7, §7.1, §7.2, Figure 7.1, Figure 7.2, §7.3, §7.4, code grad_clipping, §7.5
§7.6, code RNNModel, Figure 7.3, §7.7, §7.8, §7.9, Figure 7.4, §7.10
"""


class Row(NamedTuple):
    """A line of the table."""

    place: str
    says: str
    names: list[str]
    tests: list[str]


def table():
    lines = (ROOT / "docs/sheet.md").read_text().splitlines()
    cells = [re.split(r"\s*\|\s*", line.strip("| ")) for line in lines if "|" in line]
    quoted = re.compile(r"`([^`]+)`")
    return [
        Row(place.replace("`", ""), says, quoted.findall(names), quoted.findall(tests))
        for place, says, names, tests in cells[2:]  # after the heading and its rule
    ]


@cache
def functions(path):
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


every_row = pytest.mark.parametrize(
    "row", table(), ids=lambda row: row.place.lstrip("§")
)


def test_every_place_has_its_row_and_there_are_no_others():
    assert [row.place for row in table()] == re.split(r", |\n", PLACES.strip())


@every_row
def test_a_row_says_what_where_and_how_it_is_proven(row):
    assert row.says
    assert row.names
    assert row.tests


@every_row
def test_names_are_public_and_import(row):
    for dotted in row.names:
        module, _, name = dotted.rpartition(".")
        assert name in importlib.import_module(module).__all__, dotted


@every_row
def test_tests_exist(row):
    for node in row.tests:
        path, _, name = node.partition("::")
        assert name.startswith("test_"), node
        assert name in functions(path), node
