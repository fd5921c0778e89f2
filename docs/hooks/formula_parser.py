"""One statement of a formula, from the docstrings' Unicode to MathML."""

from typing import NamedTuple

from formula_tokens import Token, Unsupported, cut
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

WORDS = frozenset(
    [
        "if",
        "else",
        "where",
        "over",
        "of",
        "or",
        "and",
        "so",
        "that",
        "times",
        "among",
        "along",
        "the",
    ]
)
WORDS |= {"concatenation", "likeliest", "weights", "channels"}
"""What stands in a formula as plain English."""

RELATIONS = frozenset("=<>≤≥≠~←≈|,;:")
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


class Parser:
    """Reads a statement from left to right.

    Args:
        line: the statement.

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

    def statement(self) -> list[str]:
        """All of the line: terms, and the signs between them."""
        parts = self.row("")
        if self.next.kind != "end":
            raise Unsupported(f"{self.next.text!r} closes nothing")
        return parts

    def row(self, closing: str) -> list[str]:
        """Terms with signs between them, up to what closes a fence."""
        parts: list[str] = []
        while not self.ends(closing):
            if self.next.text in "+-−" or (self.next.text in RELATIONS and parts):
                parts.append(sign(self.take(), prefix=not parts))
            else:
                parts.append(self.term(closing))
        return parts

    def ends(self, closing: str) -> bool:
        """Whether a fence closes here, or the line ends."""
        return self.next.text in (closing, "", *")]}")

    def term(self, closing: str) -> str:
        """Values beside each other, with products and fractions."""
        pieces = [self.piece()]
        open_fraction = False  # one that what follows might be meant to belong to
        while not self.ends(closing) and self.next.text not in RELATIONS | {*"+-−"}:
            token = self.next
            if token.text == "/":
                open_fraction = self.next.spaced or self.following.spaced
                pieces.append(self.fraction(pieces.pop(), closing))
            elif token.text in "*·⊙":
                self.take()
                product = sign(token.text.replace("*", "·"))
                pieces += [Piece(product, "sign"), self.piece()]
            else:
                piece = self.piece()
                if pieces[-1].kind == piece.kind == "name":
                    raise Unsupported(f"{token.text!r} after another name")
                if open_fraction and piece.kind not in ("sum", "words"):
                    raise Unsupported(f"{token.text!r} after a fraction")
                open_fraction = False
                pieces.append(piece._replace(mathml=THIN * token.spaced + piece.mathml))
        return "".join(piece.mathml for piece in pieces)

    def fraction(self, upper: Piece, closing: str) -> Piece:
        """What stands before a slash over what comes after it."""
        self.take("/")
        if upper.kind not in ("value", "name"):
            raise Unsupported("nothing to divide")
        below_a_sum = self.next.text in SUMS and self.following.text == "_"
        lower = self.term(closing) if below_a_sum else _bare(self.piece())
        return Piece(f"<mfrac><mrow>{_bare(upper)}</mrow><mrow>{lower}</mrow></mfrac>")

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


def _bare(piece: Piece) -> str:
    return piece.bare or piece.mathml
