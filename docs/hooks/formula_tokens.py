"""Cuts a formula, as the docstrings write it, into its smallest parts."""

import re
import unicodedata
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]+(?:_[A-Za-z0-9]+)*|[^\W\d_]\u0302?)"
    r"|(?P<mark>[²¹'_^])"
    r"|(?P<sign>[-−+*/·⊙=<>≤≥≠~←≈∂Σ∏…,;:|‖()\[\]{}])"
)
# Not a longer name: the range of what is added up, or of what the largest is taken.
_RANGE = re.compile(r"\b(sum|max|min|mean)_")


class Unsupported(Exception):
    """A formula is written in a way that is not known."""


class Token(NamedTuple):
    """A part of a formula.

    Attributes:
        kind: `number`, `name`, `mark` or `sign`; `end` after the last.
        text: as it is written, a hat behind its letter.
        spaced: whether a space stands before it.
    """

    kind: str
    text: str
    spaced: bool


def cut(line: str) -> list[Token]:
    """All tokens of a line, and one of kind `end`.

    Example:
    >>> " ".join(token.text for token in cut("y = W_xh x² / batch_size"))
    'y = W _ xh x ² / batch_size '
    """
    line = _RANGE.sub(r"\1 _", _without_hats(line)).replace("ᵀ", "^⊤")
    tokens: list[Token] = []
    position, spaced = 0, False
    while position < len(line):
        if line[position] == "⊤":
            match, kind, end = "⊤", "name", position + 1
        else:
            found = _TOKEN.match(line, position)
            if found is None:
                raise Unsupported(f"{line[position]!r} in {line!r}")
            match, kind, end = found.group(), str(found.lastgroup), found.end()
        if kind != "space":
            tokens.append(Token(kind, match, spaced))
        position, spaced = end, kind == "space"
    return [*tokens, Token("end", "", False)]


def _without_hats(line: str) -> str:
    """The letters' hats apart from them, all other letters in one piece."""
    apart = unicodedata.normalize("NFD", line)
    return apart if "\u0302" in apart else line


class Reader:
    """Reads the tokens of a line, from left to right.

    Args:
        line: what is read.

    Raises:
        Unsupported: from any method, for what is not known to be read rightly.
    """

    def __init__(self, line: str) -> None:
        self.tokens = cut(line)
        self.position = 0

    @property
    def next(self) -> Token:
        """The token to be read."""
        return self.tokens[self.position]

    @property
    def following(self) -> Token:
        """The token after it."""
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)]

    def take(self, text: str = "") -> str:
        """Read a token, which has to be `text` if that is given."""
        token = self.next
        if token.kind == "end" or text not in ("", token.text):
            raise Unsupported(f"{token.text!r} where {text or 'a value'!r} has to be")
        self.position += 1
        return token.text
