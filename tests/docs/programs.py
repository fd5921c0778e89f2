"""Checks a command line by what the program itself would say to its options."""

import argparse
import functools
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import typer
from shell_blocks import ROOT, commands

import kerasheet_export.cli
from kerasheet import models
from kerasheet.cli import app
from kerasheet.data import DATA, TEXTS
from kerasheet_serving.app import create_app
from kerasheet_serving.arguments import read_arguments
from kerasheet_serving.settings import Settings

PROJECTS = {"kerasheet": ROOT, "kerasheet-serving": ROOT / "serving"}
OTHERS = {"jupyterlab"}  # what pip may install beside ours
EXPORTING = ("export", "verify", "demo")


def check(words: list[str]) -> None:
    """Fail if a command has an option or an argument that its program refuses."""
    environment = {}
    while match := re.fullmatch(r"([A-Z_]+)=(.*)", words[0], re.DOTALL):
        environment[match[1]] = match[2]
        words = words[1:]
    program, *arguments = words
    _CHECKS[Path(program).name](arguments, environment)


def _kerasheet(arguments, environment):
    if arguments[0] in EXPORTING:
        name, *rest = arguments
        exporting(name).main(rest, name, standalone_mode=False)
    elif arguments[0] == "serve":
        _serve(arguments[1:], environment)
    else:
        _run_nothing(arguments)


def _run_nothing(arguments):
    """Read a command line; what it would start is looked at in its place."""
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        command.callback = _AFTER.get(name, lambda **_: None)
    group.main(arguments, "kerasheet", standalone_mode=False)


def _trained(name, data, **_):
    assert name in models.MODELS
    assert data is None or data in {*DATA, *TEXTS} or "/" in data


_AFTER = {
    "train": _trained,
    "launch": lambda command, **_: _run_nothing(command),
}


def exporting(name):
    """One of the exporter's commands, which does nothing."""
    real = getattr(kerasheet_export.cli, f"_{name}")
    one = typer.Typer(add_completion=False)
    one.command()(functools.wraps(real)(lambda **_: None))
    return typer.main.get_command(one)


def _serve(arguments, environment):
    read_arguments("kerasheet-serve", "", arguments, environment)


def _make(arguments, _):
    command = ["make", "--dry-run", "--always-make", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _pip(arguments, _):
    verb, *wanted = arguments
    assert verb == "install"
    for requirement in wanted:
        name, _, extra = requirement.rstrip("]").partition("[")
        if name.startswith("./"):
            assert (ROOT / name / "pyproject.toml").exists()
        elif name not in OTHERS:
            project = tomllib.loads((PROJECTS[name] / "pyproject.toml").read_text())
            assert not extra or extra in project["project"]["optional-dependencies"]


def _python(arguments, environment):
    option, *others = arguments
    if option == "-m":
        assert others[0] == "venv" or others[0] == "kerasheet_serving"
        if others[0] == "kerasheet_serving":
            _serve(others[1:], environment)
    elif option == "-c":
        subprocess.run([sys.executable, "-c", others[0]], check=True)
    else:
        assert (ROOT / option).exists()


def _curl(arguments, _):
    parser = argparse.ArgumentParser()
    parser.add_argument("-N", action="store_true")
    parser.add_argument("-d")
    parser.add_argument("url")
    asked = parser.parse_args(arguments)
    if asked.d and not asked.d.startswith("@"):
        json.loads(asked.d)
    path = re.fullmatch(r"http://127\.0\.0\.1:8501(/.*)", asked.url)[1]
    scope = {"type": "http", "path": path, "method": "POST" if asked.d else "GET"}
    assert any(route.matches(scope)[0].value == 2 for route in _routes())


@functools.cache
def _routes():
    return create_app(Settings(ROOT / "docs")).routes  # no model is there


def _pytest(arguments, _):
    for argument in arguments:
        start, _, rest = argument.partition("{")
        inside, _, end = rest.partition("}")
        if argument.startswith("tests/"):
            for part in inside.split(","):
                assert (ROOT / f"{start}{part}{end}").exists()


def _elsewhere(arguments, _):
    """A program that is not here: the files of ours that it is given are there."""
    for argument in arguments:
        if re.match(r"(serving|docs|notebooks)(/|$)", argument):
            assert (ROOT / argument).exists()


def _docker(arguments, environment):
    _elsewhere(arguments, environment)
    for place, argument in enumerate(arguments):
        if arguments[0] == "run" and argument.startswith("kerasheet-serving:"):
            after = arguments[place + 1 :]
            _serve(after or ["/models"], environment)  # as the image has it


def _slurm(arguments, _):
    for command in commands(arguments[arguments.index("-c") + 1]):
        if command[0] == "exec":
            check(command[1:])


_CHECKS = {
    "curl": _curl,
    "docker": _docker,
    "kerasheet": _kerasheet,
    "kerasheet-serve": _serve,
    "make": _make,
    "pip": _pip,
    "pytest": _pytest,
    "python": _python,
    "python3": _python,
    "srun": _slurm,
    **dict.fromkeys(("export", "jupyter", "kubectl", "ray", "serve"), _elsewhere),
    "source": lambda arguments, _: None,
}
