"""The values of a formula, from the docstrings' Unicode to MathML."""

from abc import ABC, abstractmethod
from typing import NamedTuple

from formula_tokens import Reader, Unsupported
from formula_tree import (
    SUMS,
    bracketed,
    letters,
    name,
    raised,
    scripts,
    sign,
    summed,
    words,
)

_ENGLISH = """
    if else where over of or and so that times among along the
    concatenation likeliest weights channels
"""
WORDS = frozenset(_ENGLISH.split())
"""What stands in a formula as plain English."""

FENCES = {"(": ")", "[": "]", "|": "|", "‖": "‖"}
THIN = '<mspace width="0.17em"/>'


class Piece(NamedTuple):
    """A value, and what a term has to know of it.

    Attributes:
        mathml: how it is shown.
        kind: `value`, `name` of several letters, `logarithm`, `sum`, `words` or
            `sign`.
        bare: the same without its parentheses, as a fraction shows it.
    """

    mathml: str
    kind: str = "value"
    bare: str = ""


class Values(Reader, ABC):
    """Reads a value with all that belongs to it: brackets, scripts and arguments."""

    @abstractmethod
    def row(self, closing: str) -> list[str]:
        """What stands in brackets."""

    def piece(self) -> Piece:
        """A value with all that belongs to it, or words."""
        text, following = self.next.text, self.following.text
        if text in WORDS or (text in SUMS and following in WORDS | {":"}):
            return self.words()
        if text in SUMS and following == "_":
            over = SUMS[self.take()]
            lower = self.script("_")
            if self.next.text == "'":
                lower += raised(self.take())
            upper = self.script("^") if self.next.text == "^" else ""
            return Piece(summed(over, lower, upper), "sum")
        if text == "∂":
            self.take()
            return Piece(f"<mo>∂</mo>{self.piece().mathml}")
        if text in ("log", "max") and following != "(":
            self.take()
            # Of a logarithm over something nobody can say what is below the line.
            kind = "logarithm" if text == "log" else "value"
            return Piece(name(text) + THIN + self.piece().mathml, kind)
        return self.scripted(self.primary())

    def words(self) -> Piece:
        """English between the values."""
        found = [self.take()]
        while self.next.text in WORDS or (found[-1] == "or" and self.next.text in SUMS):
            found.append(self.take())
        return Piece(words(found), "words")

    def primary(self) -> Piece:
        """A number, a name, or what stands in fences."""
        kind, text = self.next.kind, self.next.text
        if text in FENCES:
            inside = self.fenced(text)
            whole = bracketed(text, inside, FENCES[text])
            return Piece(whole, bare=inside if text == "(" else whole)
        self.take()
        called = self.next.text == "(" and not self.next.spaced
        if text == "sqrt" and called:
            return Piece(f"<msqrt>{self.fenced('(')}</msqrt>")
        if text == "floor" and called:
            return Piece(bracketed("⌊", self.fenced("("), "⌋"))
        if kind == "number" or text == "…":
            return Piece(f"<mn>{text}</mn>" if kind == "number" else sign(text))
        if kind != "name":
            raise Unsupported(f"{text!r} where a value has to be")
        several = len(text.replace("\u0302", "")) > 1
        return Piece(name(text), "name" if several else "value")

    def fenced(self, opening: str) -> str:
        """What stands between two fences."""
        closing = {**FENCES, "{": "}"}[self.take(opening)]
        inside = "".join(self.row(closing))
        self.take(closing)
        if not inside:
            raise Unsupported(f"nothing in {opening + closing!r}")
        return inside

    def scripted(self, base: Piece) -> Piece:
        """A value with what is lowered, raised and called behind it."""
        lower, upper, expectation = "", "", base.mathml == name("E")
        while not self.next.spaced and self.next.text in {*"_^²¹'(["} - {""}:
            text = self.next.text
            if text in "([" and (text == "(" or expectation):
                whole = scripts(base.mathml, lower, upper)
                called = bracketed(text, self.fenced(text), FENCES[text])
                base, lower, upper = Piece(whole + called), "", ""
            elif text in "_[":
                if lower:
                    raise Unsupported("two subscripts")
                lower = self.fenced("[") if text == "[" else self.script("_")
            else:
                upper += self.script("^") if text == "^" else raised(self.take())
        if not lower and not upper:
            return base
        return Piece(scripts(base.mathml, lower, upper))

    def script(self, mark: str) -> str:
        """What is lowered or raised by a mark."""
        self.take(mark)
        if self.next.text == "{":
            return self.fenced("{")
        kind, text = self.next.kind, self.take()
        if kind not in ("name", "number"):
            raise Unsupported(f"{text!r} as a subscript")
        return f"<mn>{text}</mn>" if kind == "number" else letters(text)
