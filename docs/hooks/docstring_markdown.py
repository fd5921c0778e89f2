"""What our docstrings hold beyond Google's sections, as Markdown.

A formula in a code block, doctests after `Example:`, and Keras' `Call arguments:`.
"""

import re

from formula_blocks import show_formulas

_DOCTEST = re.compile(r"^( *)>>> .*(?:\n\1 *\S.*)*", re.MULTILINE)
_CALL_ARGUMENTS = re.compile(r"^Call arguments:\n((?:    .*\n?)+)", re.MULTILINE)
_RETURNS = re.compile(r"^Returns:\n +((?:.+\n?)+)", re.MULTILINE)
_ENTRY = re.compile(r"^    (\w+): ", re.MULTILINE)


def as_markdown(docstring: str, of_class: bool = False) -> str:
    r"""A docstring with everything shown as what it is.

    Args:
        docstring: what stands in the source.
        of_class: whether it is of a class, where `Returns:` tells of a call and has no
            type that the reference could find.

    Example:
    >>> as_markdown("Example:\n>>> 1 + 1\n2").splitlines()
    ['**Example:**', '', '```pycon', '>>> 1 + 1', '2', '```']
    """
    text = _DOCTEST.sub(_as_code, show_formulas(docstring))
    text = _CALL_ARGUMENTS.sub(_as_list, text)
    if of_class:
        text = _RETURNS.sub(r"**Returns:**\n\n- \1", text)
    return re.sub(r"^Example:\n", "**Example:**\n\n", text, flags=re.MULTILINE)


def _as_code(block: re.Match[str]) -> str:
    indent = block[1]
    return f"{indent}```pycon\n{block.group()}\n{indent}```"


def _as_list(block: re.Match[str]) -> str:
    entries = _ENTRY.sub(r"- **`\1`** – ", block[1])
    return f"**Call arguments:**\n\n{entries}"
