"""One statement of a formula, from the docstrings' Unicode to MathML."""

from formula_tokens import Unsupported
from formula_tree import SUMS, sign
from formula_values import THIN, Piece, Values

RELATIONS = frozenset("=<>≤≥≠~←≈|,;:")


class Parser(Values):
    """Reads a statement: terms, and what stands between them."""

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


def _bare(piece: Piece) -> str:
    return piece.bare or piece.mathml
