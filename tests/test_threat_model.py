"""docs/threat_model.md: every defence names tests, and they exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def defences():
    """Threat, defence and the tests that prove it, of every row that has them."""
    for line in (ROOT / "docs/threat_model.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and "::test_" in line:
            yield cells[0], cells[1], list(nodes(cells[2]))


def nodes(cell):
    """File and function of each; a name without a file is in the file before it."""
    path = ""
    for quoted in re.findall(r"`([^`]+)`", cell):
        own, _, name = quoted.partition("::")
        path = own or path
        yield path, name


@cache
def functions(path):
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("threat", "defence", "proofs"), list(defences()))
def test_every_defence_is_proven_by_tests_that_exist(threat, defence, proofs):
    assert threat
    assert defence
    for path, name in proofs:
        assert name in functions(path), f"{path}::{name}"


def test_every_test_that_is_named_stands_in_a_row():
    text = (ROOT / "docs/threat_model.md").read_text()
    named = sum(len(proofs) for *_, proofs in defences())
    assert named == text.count("::test_") > 30
