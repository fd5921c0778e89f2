"""The arrows between the packages run one way, and the lint rules hold them so."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ["ops", "layers", "models", "language", "training", "report", "cli"]
SEES = {  # distribution: what it may import of ours
    "kerasheet": {"kerasheet"},
    "export/kerasheet_export": {"kerasheet", "kerasheet_export", "kerasheet_serving"},
    "serving/kerasheet_serving": {"kerasheet_serving"},
}
NEVER_IN_SERVING = {"tensorflow", "keras", "tf2onnx", "onnx"}


def imports(path):
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(package):
    found = sorted((ROOT / package).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("package", SEES)
def test_each_distribution_sees_only_what_it_may(package):
    for path in files(package):
        ours = {name.split(".")[0] for name in imports(path)}
        seen = {name for name in ours if name.startswith("kerasheet")}
        assert seen <= SEES[package], path


def test_serving_sees_neither_tensorflow_nor_keras():
    for path in files("serving/kerasheet_serving"):
        assert not {n.split(".")[0] for n in imports(path)} & NEVER_IN_SERVING, path


def component(name):
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "kerasheet" else None


def test_inside_the_library_later_components_import_earlier_ones():
    for path in files("kerasheet"):
        here = path.relative_to(ROOT / "kerasheet").parts[0].removesuffix(".py")
        used = {component(name) for name in imports(path)} & set(ORDER)
        if here in ORDER:
            later = set(ORDER[ORDER.index(here) + 1 :])
            assert not used & later, path
        if here == "data":
            assert not used, path
        if here in ORDER[:3]:
            assert "data" not in {component(name) for name in imports(path)}, path


@pytest.mark.parametrize(
    ("directory", "line"),
    [
        ("kerasheet", "keras.layers.Dense(1)"),
        ("kerasheet", "from keras.layers import Dense"),
        ("kerasheet", "import kerasheet_serving"),
        ("export/kerasheet_export", "keras.layers.Dense(1)"),
        ("serving/kerasheet_serving", "import tensorflow"),
        ("serving/kerasheet_serving", "import keras"),
        ("serving/kerasheet_serving", "from kerasheet import ops"),
        ("serving/kerasheet_serving", "import kerasheet_export"),
    ],
)
def test_a_lint_rule_refuses_what_would_turn_an_arrow(directory, line):
    source = f'"""Probe."""\n\nimport keras\n\n{line}\n'
    command = [sys.executable, "-m", "ruff", "check", "--select=TID251", "-"]
    command += ["--stdin-filename", str(ROOT / directory / "probe.py")]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "TID251" in done.stdout
