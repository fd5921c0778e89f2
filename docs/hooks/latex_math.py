"""Formulas that pages and notebooks write in LaTeX, to MathML while building."""

import re
from html import unescape

from latex2mathml.converter import convert

_MATH = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">'
    r"\\[(\[](?P<latex>.*?)\\[)\]]</(?P=tag)>",
    re.DOTALL,
)
_VARIANT = re.compile(
    r'<mi mathvariant="(?P<variant>bold|bold-italic|double-struck|script)">'
    r"(?P<letter>[^<]+)</mi>"
)
_LETTERS = {
    "double-struck": (0x1D538, dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))),
    "script": (0x1D49C, dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True))),
}
_LEFT_OVER = re.compile(r"<m[io]>&(?:amp;)?</m[io]>|\\")


def show_latex(html: str) -> str:
    r"""HTML with MathML in place of what `pymdownx.arithmatex` has marked.

    Raises:
        ValueError: a formula has a command that is not known.

    Example:
    >>> show_latex('<span class="arithmatex">\\(x\\)</span>')
    '<math display="inline"><mrow><mi>x</mi></mrow></math>'
    """
    return _MATH.sub(_convert, html)


def _convert(found: re.Match[str]) -> str:
    block = found["tag"] == "div"
    latex = unescape(found["latex"]).replace("{aligned}", "{align*}")
    math = convert(latex, display="block" if block else "inline")
    if _LEFT_OVER.search(math):
        raise ValueError(f"A formula cannot be shown as MathML: {latex.strip()}")
    math = _VARIANT.sub(_styled, math)
    math = math.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")  # it is HTML
    return f'<div class="formula">{math}</div>' if block else math


def _styled(found: re.Match[str]) -> str:
    """A letter in a style that browsers do not take from `mathvariant` any more."""
    letter, variant = unescape(found["letter"]), found["variant"]
    if variant in _LETTERS:
        first, others = _LETTERS[variant]
        struck = others.get(letter) or chr(first + ord(letter) - ord("A"))
        return f"<mi>{struck}</mi>" if "A" <= letter <= "Z" else f"<mi>{letter}</mi>"
    upright = ' mathvariant="normal"' if variant == "bold" else ""
    return f'<mi{upright} class="bold">{letter}</mi>'
