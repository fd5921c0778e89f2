"""The MathML of a formula's parts."""

from collections.abc import Sequence
from html import escape

SUMS = {"Σ": "∑", "sum": "∑", "max": "max", "min": "min", "mean": "mean"}
"""What runs over a range, and how it is shown."""


def name(text: str) -> str:
    """A name: italic if it is one letter, upright if it is more (MathML's default)."""
    letter, hat = text[0], text[1:] == "\u0302"
    if hat:
        return f"<mover accent='true'><mi>{letter}</mi><mo>^</mo></mover>"
    upright = ' mathvariant="normal"' if text == "⊤" else ""
    return f"<mi{upright}>{escape(text)}</mi>"


def letters(text: str) -> str:
    """A subscript: two letters are two indices, more are a name."""
    return "".join(map(name, text)) if len(text) == 2 else name(text)


def sign(text: str, prefix: bool = False) -> str:
    """An operator, relation or separator."""
    shown = {"-": "−", "*": "·", "~": "∼"}.get(text, text)
    form = ' form="prefix"' if prefix else ""
    return f"<mo{form}>{escape(shown)}</mo>"


def raised(mark: str) -> str:
    """A mark that stands high by itself."""
    return {"²": "<mn>2</mn>", "¹": "<mn>1</mn>", "'": "<mo>′</mo>"}[mark]


def bracketed(opening: str, inside: str, closing: str) -> str:
    """What stands in brackets, which are as high as it."""
    left, right = (
        f'<mo form="{form}" stretchy="true" lspace="0" rspace="0">{mark}</mo>'
        for form, mark in (("prefix", opening), ("postfix", closing))
    )
    return f"<mrow>{left}{inside}{right}</mrow>"


def summed(mark: str, lower: str, upper: str) -> str:
    """A sum, a mean or a maximum with its range below."""
    head = f"<mo>{mark}</mo>" if len(mark) == 1 else name(mark)
    below = f"{head}<mrow>{lower}</mrow>"
    if upper:
        return f"<munderover>{below}<mrow>{upper}</mrow></munderover>"
    return f"<munder>{below}</munder>"


def scripts(base: str, lower: str, upper: str) -> str:
    """A value with what stands lower and higher behind it."""
    base, low, high = (f"<mrow>{part}</mrow>" for part in (base, lower, upper))
    if lower and upper:
        return f"<msubsup>{base}{low}{high}</msubsup>"
    if lower:
        return f"<msub>{base}{low}</msub>"
    return f"<msup>{base}{high}</msup>" if upper else base


def words(found: Sequence[str]) -> str:
    """English, with spaces around it."""
    return f"<mtext>\u00a0{chr(160).join(found)}\u00a0</mtext>"
