"""From the name or path in a recipe to a text."""

from pathlib import Path

from kerasheet.data import TEXTS
from kerasheet.errors import DataError, unknown
from kerasheet.language import Corpus, make_corpus
from kerasheet.training.text_settings import TextSettings


def text_source(data: str) -> str | Path:
    """The text of that name, or the path of a file.

    Args:
        data: a name in `kerasheet.data.TEXTS`, or the path of a UTF-8 file.

    Raises:
        DataError: there is no such text.
    """
    if data in TEXTS:
        return TEXTS[data]()
    if not Path(data).exists():
        raise DataError(
            f"{unknown('text', data, TEXTS)} A text file is named by its path."
        )
    return Path(data)


def read_corpus(data: str, settings: TextSettings) -> Corpus:
    """A text as ids, in three parts.

    Args:
        data: as in `text_source`.
        settings: how it is read.

    Raises:
        DataError: there is no such text, or it is empty or no text.
    """
    return make_corpus(
        text_source(data),
        unit=settings.unit,
        min_frequency=settings.min_frequency,
        tokens=settings.tokens,
    )
