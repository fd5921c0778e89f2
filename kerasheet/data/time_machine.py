"""The Time Machine, the book that the sheet's language models are trained on."""

import os
import re
from pathlib import Path

from kerasheet.errors import DataError


def time_machine() -> str:
    """H. G. Wells' novel of 1895, in small letters and spaces.

    It is read from `$KERAS_HOME/datasets/timemachine.txt` (`~/.keras` if unset). As in
    *Dive into Deep Learning*, all but letters becomes a space, no line begins or ends
    with one, and nothing stands between two lines.

    Returns:
        About 170,000 characters, of 27 kinds.

    Raises:
        DataError: the book is not there.
    """
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    path = home / "datasets" / "timemachine.txt"
    try:
        # Whatever is not ASCII is no letter of the book's.
        with path.open(encoding="ascii", errors="replace") as lines:
            return "".join(map(_letters, lines))
    except OSError as error:
        raise DataError(
            f"The Time Machine cannot be read from {str(path)!r} ({error.strerror}). "
            "Put the book there, or use --data pydocs."
        ) from None


def _letters(line: str) -> str:
    return re.sub("[^A-Za-z]+", " ", line).strip().lower()
