"""What a language model reads and writes: tokens, numbered."""

import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kerasheet.errors import DataError
from kerasheet.language.arguments import check_count, check_ids, check_unit
from kerasheet.language.tokens import SEPARATORS, code_points, count, split

UNKNOWN = "<unk>"
"""The token, always of id 0, that stands for every other one."""


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows; a token's id is its place among them.

    Args:
        tokens: `"<unk>"` and then each token once.
        unit: `"characters"`, or `"words"`: what `str.split` makes of a text.

    Raises:
        DataError: the unit is unknown, or the tokens are not such a list.

    Example:
    >>> vocabulary = Vocabulary.build("hello")
    >>> vocabulary.tokens
    ('<unk>', 'l', 'e', 'h', 'o')
    >>> vocabulary.encode("hex").tolist()
    [3, 2, 0]
    >>> vocabulary.decode([3, 2, 1, 1, 4])
    'hello'

    Source: sheet §7.2.
    """

    tokens: Sequence[str]
    unit: str = "characters"

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", tuple(self.tokens))
        check_unit(self.unit)
        seen: set[str] = set()
        for id_, token in enumerate(self.tokens or (None,)):
            fits = token == UNKNOWN if id_ == 0 else _fits(token, self.unit)
            if not fits or token in seen:
                raise DataError(
                    f"A vocabulary of {self.unit} is {UNKNOWN!r} and then {self.unit}, "
                    f"each once. Received: {token!r} at id {id_}. Build it anew."
                )
            seen.add(str(token))

    def __len__(self) -> int:
        return len(self.tokens)

    @classmethod
    def build(
        cls,
        blocks: str | Iterable[str],
        unit: str = "characters",
        min_frequency: int = 1,
    ) -> "Vocabulary":
        """The tokens of a text, the most frequent first, ties in alphabetical order.

        Args:
            blocks: the text, whole or in consecutive pieces of any length.
            unit: `"characters"` or `"words"`.
            min_frequency: how often a token must occur; rarer ones become `<unk>`.

        Raises:
            DataError: the unit is unknown, or `min_frequency` is not a positive int.
        """
        check_unit(unit)
        check_count("min_frequency", min_frequency, "Give 1 to keep every token")
        counts = count([blocks] if isinstance(blocks, str) else blocks, unit)
        del counts[UNKNOWN]
        kept = [token for token in counts if counts[token] >= min_frequency]
        kept.sort(key=lambda token: (-counts[token], token))
        return cls((UNKNOWN, *kept), unit)

    @classmethod
    def from_json(cls, content: Any) -> "Vocabulary":
        """What `to_json` gave.

        Raises:
            DataError: it is something else.
        """
        match content:
            case {"unit": str(unit), "tokens": list(tokens)} if len(content) == 2:
                return cls(tokens, unit)
        raise DataError(
            'A vocabulary is written as {"unit": "…", "tokens": ["<unk>", "…"]}. '
            f"Received: {reprlib.repr(content)}. Build it anew."
        )

    def to_json(self) -> dict[str, Any]:
        """The unit and the tokens, as JSON can hold them."""
        return {"unit": self.unit, "tokens": list(self.tokens)}

    def encode(self, text: str) -> np.ndarray:
        """The ids of a text's tokens: (tokens,), int32; 0 for one that is not here."""
        if self.unit == "words":
            ids = map(self._ids.get, text.split(), repeat(0))
            return np.fromiter(ids, np.int32)
        return self._table[np.minimum(code_points(text), len(self._table) - 1)]

    def decode(self, ids: ArrayLike) -> str:
        """The text of ids (tokens,), words joined by a space.

        Raises:
            DataError: they are not a row of ids of this vocabulary.
        """
        checked = check_ids("Vocabulary.decode", ids, len(self))
        return SEPARATORS[self.unit].join(self.tokens[id_] for id_ in checked.tolist())

    def unknown(self, text: str) -> tuple[str, ...]:
        """The distinct tokens of a text that are not here, in order of appearance."""
        distinct = dict.fromkeys(split(text, self.unit))
        return tuple(token for token in distinct if token not in self._ids)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: id_ for id_, token in enumerate(self.tokens)}

    @cached_property
    def _table(self) -> np.ndarray:
        """The id of every code point up to the largest known; one more entry, of 0."""
        points = [ord(token) for token in self.tokens[1:]]
        table = np.zeros(max(points, default=-1) + 2, np.int32)
        table[points] = np.arange(1, len(self.tokens))
        return table


def _fits(token: Any, unit: str) -> bool:
    if not isinstance(token, str):
        return False
    return token.split() == [token] if unit == "words" else len(token) == 1
