"""What the pages say to type runs: each command of ours, page after page.

What takes long is made short: one epoch, a few characters. Other programs' commands,
and those that make environments, are what CI and the tests of deployment are made of.
"""

import os
import shutil
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image
from serving_process import serve
from shell_blocks import PAGES, ROOT, blocks, commands

from kerasheet.cli import main

WAY = (
    "docs/train/index.md",
    "README.md",
    "export/README.md",
    "docs/serve/index.md",
    "serving/README.md",
    "serving/deploy/tensorflow_serving/README.md",
    "serving/deploy/kubernetes/README.md",
)
OURS = ("kerasheet", "kerasheet-serve", "curl")
ELSEWHERE = {
    "launch": "tests/library/training/test_train_command.py",
    "--ray": "tests/deploy/test_ray.py",
}
SHORT = {
    "train": ("--epochs", "1", "--overwrite"),
    "generate": ("--length", "20"),
}
SHORT_TEXT = ("--tokens", "5000", "--units", "16")
ADDRESS = "http://127.0.0.1:8501"


class Reader:
    """Types commands in the current directory, with one server at a time."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch
        self.server, self.url = ExitStack(), None

    def type(self, words, line):
        environment = {}
        while "=" in words[0]:
            name, _, environment[name] = words.pop(0).partition("=")
        program, *arguments = words
        if Path(program).name == "kerasheet-serve" or arguments[:1] == ["serve"]:
            arguments = arguments[arguments[:1] == ["serve"] :]
            self.start(arguments, environment)
        elif program == "kerasheet":
            self.kerasheet(arguments)
        elif program == "curl":
            self.curl(*arguments)
        elif program == "python3" and arguments[0] == "-c":
            subprocess.run(line, shell=True, check=True)
        elif arguments and arguments[0].endswith("smoke.py"):
            script, address, *models = arguments
            assert address == ADDRESS
            command = [sys.executable, "-I", ROOT / script, self.url, *models]
            subprocess.run(command, check=True, capture_output=True)

    def kerasheet(self, arguments):
        short = SHORT.get(arguments[0], ())
        short += SHORT_TEXT if arguments[:2] == ["train", "rnn_lm"] else ()
        self.monkeypatch.setattr(sys, "argv", ["kerasheet", *arguments, *short])
        with pytest.raises(SystemExit) as error:
            main()
        assert not error.value.code, arguments

    def start(self, arguments, environment):
        """Let a server take the place of the one before; its port is any free one."""
        self.server.close()
        with self.monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            running = serve(*arguments, "--grpc-port", "0")
            _, self.url = self.server.enter_context(running)

    def curl(self, *arguments):
        *options, address = arguments
        data = options[-1].encode() if "-d" in options else None
        if data and data[:1] == b"@":
            data = Path(os.fsdecode(data[1:])).read_bytes()
        assert address.startswith(ADDRESS)
        with urllib.request.urlopen(
            address.replace(ADDRESS, self.url, 1), data
        ) as answer:
            assert answer.read()


def typed(page):
    """Each command, and the line that it stands in."""
    for block in blocks(page):
        lines = block.replace("\\\n", " ").splitlines()
        for words in commands(block):
            line = next((one for one in lines if one.startswith(words[0])), "")
            yield words, line


@pytest.mark.slow
def test_whoever_types_what_the_pages_show_gets_to_the_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (40, 30)).save("photo.png")
    Path("serving.toml").touch()
    Path("models").symlink_to("repository")  # as the server's README calls it
    reader = Reader(monkeypatch)
    with reader.server:
        for page in WAY:
            if page == "serving/README.md":
                shutil.copytree("repository/rnn_lm", "repository/story")
            for words, line in typed(ROOT / page):
                reader.type(words, line)
    assert sorted(os.listdir("runs")) == ["lenet_batch_norm-digits", "rnn_lm-pydocs"]


def test_no_command_of_ours_is_left_out():
    left_out = [
        words
        for page in PAGES
        if str(page.relative_to(ROOT)) not in WAY
        for words, _ in typed(page)
        if Path(words[0]).name in OURS and not ELSEWHERE.keys() & {*words}
    ]
    assert left_out == []
    assert all((ROOT / place).exists() for place in ELSEWHERE.values())
