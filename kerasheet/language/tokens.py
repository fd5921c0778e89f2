"""A text as a sequence of tokens: of characters, or of words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

SEPARATORS = {"characters": "", "words": " "}
"""What stands between two tokens of a text, for every unit."""


def split(text: str, unit: str) -> Sequence[str]:
    """The tokens of a text: its characters, or its words."""
    return text.split() if unit == "words" else text


def whole_words(blocks: Iterable[str]) -> Iterator[str]:
    """The same text in blocks that no word crosses.

    Example:
    >>> list(whole_words(["to be o", "r n", "ot"]))
    ['to be ', 'or ', 'not']
    """
    begun: list[str] = []
    for block in filter(None, blocks):
        word = "" if block[-1].isspace() else block.rsplit(maxsplit=1)[-1]
        if whole := block[: len(block) - len(word)]:
            yield "".join([*begun, whole])
            begun = []
        begun.append(word)
    if rest := "".join(begun):
        yield rest


def count(blocks: Iterable[str], unit: str) -> Counter[str]:
    """How often each token occurs in a text, which comes in consecutive blocks.

    Example:
    >>> dict(count(["to be o", "r not to be"], "words"))
    {'to': 2, 'be': 2, 'or': 1, 'not': 1}
    """
    counts: Counter[str] = Counter()
    for block in whole_words(blocks) if unit == "words" else blocks:
        if unit == "words":
            counts.update(block.split())
        else:
            numbers = np.bincount(code_points(block))
            counts.update({chr(p): int(numbers[p]) for p in np.flatnonzero(numbers)})
    return counts


def code_points(text: str) -> np.ndarray:
    """The number that Unicode gives to each character: (characters,), unsigned.

    Example:
    >>> code_points("a€").tolist()
    [97, 8364]
    """
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
