"""The commands that READMEs and pages show, as words."""

import re
import shlex
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    {
        *ROOT.glob("*.md"),
        *ROOT.glob("*/README.md"),
        *(ROOT / "serving").rglob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
    }
)
# What programs print, and files without a language: how such blocks begin.
NO_COMMANDS = (
    "Serving 1 model(s) at ",
    "lenet_batch_norm\n  ok ",
    "config {",
    "anyone on the network ",
)
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n\n)((?:(?: {4}| {8,})\S.*\n)+)")


def blocks(page: Path) -> list[str]:
    """What a page shows as code of no language, or of the shell."""
    text = page.read_text()
    fenced = [
        body for language, body in _FENCED.findall(text) if language in ("", "sh")
    ]
    indented = _INDENTED.findall(_FENCED.sub("", text))
    return [
        block
        for block in (*fenced, *map(textwrap.dedent, indented))
        if not block.startswith(NO_COMMANDS)
    ]


def inline_commands(page: Path) -> list[str]:
    """What stands in a page's sentences and begins with one of our commands."""
    text = _FENCED.sub("", page.read_text())
    return re.findall(r"`(kerasheet(?:-serve)?\s[^`]+)`", text)


def commands(block: str) -> list[list[str]]:
    """The words of each command of a block, without comments and redirections."""
    found, words = [], ""
    for line in block.replace("\\\n", " ").splitlines():
        words = f"{words}\n{line}" if words else line
        try:
            split = shlex.split(words, comments=True)
        except ValueError:  # a quotation that goes on in the next line
            continue
        words = ""
        split = split[: split.index(">")] if ">" in split else split
        if split:
            found.append([word for word in split if word != "&"])
    assert not words, f"A quotation does not end: {words}"
    return found
