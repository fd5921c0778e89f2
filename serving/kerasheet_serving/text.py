"""Between text and the ids of a language model, by the vocabulary of its manifest."""

from collections.abc import Iterable

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.manifest import Manifest


class Tokenizer:
    """Splits a text into tokens and numbers them, and back.

    Args:
        manifest: of a language model.

    Raises:
        InvalidArgument: the model has no vocabulary.
    """

    def __init__(self, manifest: Manifest) -> None:
        if not manifest.vocabulary:
            raise InvalidArgument(
                f"Model {manifest.name!r} has no vocabulary: it takes no text."
            )
        self._tokens = manifest.vocabulary
        self._words = manifest.unit == "words"
        self._ids = {token: id_ for id_, token in enumerate(manifest.vocabulary)}

    def encode(self, text: str) -> Array:
        """The ids of a text, int32; 0 for a token that the model does not know."""
        tokens = text.split() if self._words else text
        return np.array([self._ids.get(token, 0) for token in tokens], np.int32)

    def pieces(self, ids: Iterable[int]) -> list[str]:
        """The text that each id adds to one that goes before, words after a space."""
        separator = " " if self._words else ""
        return [separator + self._tokens[id_] for id_ in ids]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids."""
        return (" " if self._words else "").join(self._tokens[id_] for id_ in ids)
