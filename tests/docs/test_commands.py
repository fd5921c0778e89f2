"""Every command that a README or a page shows is one that its program takes."""

import re

import pytest
import typer
from programs import EXPORTING, check, exporting
from shell_blocks import PAGES, ROOT, blocks, commands, inline_commands

from kerasheet.cli import app
from kerasheet_serving.arguments import read_arguments

SHOWN = [
    pytest.param(words, id=f"{page.relative_to(ROOT)}: {' '.join(words)[:60]}")
    for page in PAGES
    for block in blocks(page)
    for words in commands(block)
]
INLINE = sorted({command for page in PAGES for command in inline_commands(page)})


@pytest.mark.parametrize("words", SHOWN)
def test_command_is_taken_by_its_program(words, tmp_path, monkeypatch):
    (tmp_path / "serving.toml").touch()
    monkeypatch.chdir(tmp_path)
    check(words)


def test_there_are_commands():
    assert len(SHOWN) > 50


@pytest.mark.parametrize("words", [["kerasheet", "train", "lenet", "--epoch", "3"]])
def test_an_option_that_is_not_there_fails(words):
    with pytest.raises(Exception, match="No such option"):
        check(words)


def options_of(name, capsys):
    if name == "serve":
        with pytest.raises(SystemExit):
            read_arguments("kerasheet-serve", "", ["--help"], {})
        return re.findall(r"--[a-z-]+", capsys.readouterr().out)
    if name in EXPORTING:
        command = exporting(name)
    else:
        group = typer.main.get_command(app)
        command = group.commands[name] if name else group
    return [option for param in command.params for option in param.opts] + ["--help"]


@pytest.mark.parametrize("line", INLINE)
def test_command_in_a_sentence_has_the_options_it_is_said_to_have(line, capsys):
    program, *words = line.split()
    ours = {*typer.main.get_command(app).commands, ""}
    names = ["serve"] if program == "kerasheet-serve" else ours.intersection(words)
    known = [option for name in names or [""] for option in options_of(name, capsys)]
    assert {word for word in words if word.startswith("--")} <= set(known)
