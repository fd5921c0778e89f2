"""Code blocks that hold a formula are shown as one."""

import re
from html import escape

from formula import to_mathml
from formula_tokens import Unsupported

_BLOCK = re.compile(r"^(?P<indent> *)```\n(?P<body>.*?)^(?P=indent)```$", re.M | re.S)


def show_formulas(text: str) -> str:
    """Markdown with MathML in place of each code block that is a formula.

    What is not known to be one stays as it is, in a code block of plain text.
    """
    return _BLOCK.sub(_show, text)


def _show(block: re.Match[str]) -> str:
    indent, body = block["indent"], block["body"]
    source = "\n".join(line.removeprefix(indent) for line in body.splitlines())
    try:
        math = to_mathml(source)
    except Unsupported:
        return block.group().replace("```", "```text", 1)
    label = f' alttext="{escape(" ".join(source.split()))}"'
    math = math.replace("<math", f"<math{label}", 1)
    return f'{indent}<div class="formula">{math}</div>'
