"""Formulas as the docstrings write them, in Unicode, to MathML.

What is not known to be read rightly raises `Unsupported`, and stays code.
"""

import re
from collections.abc import Iterator

from formula_parser import Parser
from formula_tokens import Unsupported
from formula_tree import sign

ALIGNED = frozenset(map(sign, "=←~"))
GAP = '<mspace width="2em"/>'


def to_mathml(text: str) -> str:
    """A block of lines as one formula; of several lines, the equal signs are aligned.

    Statements on one line are four spaces apart, or more.

    Raises:
        Unsupported: something is written in a way that is not known.

    Example:
    >>> to_mathml("y = x")
    '<math display="block"><mrow><mi>y</mi><mo>=</mo><mi>x</mi></mrow></math>'
    """
    if "→" in text:
        raise Unsupported("a diagram")
    lines = list(_joined(text))
    if len(lines) == 1:
        return f'<math display="block"><mrow>{_statements(lines[0])}</mrow></math>'
    rows = "".join(map(_row, lines))
    return f'<math display="block"><mtable displaystyle="true">{rows}</mtable></math>'


def _joined(text: str) -> Iterator[str]:
    """Lines; where parentheses are open at the end of one, together with the next."""
    line = ""
    for part in text.strip("\n").splitlines():
        line = f"{line} {part.strip()}" if line else part.strip()
        if sum(map(line.count, "([{")) <= sum(map(line.count, ")]}")):
            yield line
            line = ""
    if line:
        raise Unsupported("parentheses stay open")


def _statements(line: str) -> str:
    parts = re.split(r"\s{4,}", line)
    return GAP.join("".join(Parser(part).statement()) for part in parts)


def _row(line: str) -> str:
    """Two cells: what stands before the first equal sign or arrow, and the rest."""
    first, *others = re.split(r"\s{4,}", line, maxsplit=1)
    parts = Parser(first).statement() if first else []
    middle = next((i for i, part in enumerate(parts) if part in ALIGNED), 0)
    left, right = "".join(parts[:middle]), "".join(parts[middle:])
    right += "".join(GAP + _statements(other) for other in others)
    return (
        f'<mtr><mtd style="text-align: right">{left}</mtd>'
        f'<mtd style="text-align: left">{right}</mtd></mtr>'
    )
