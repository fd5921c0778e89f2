"""The numbers of versions: 1, 2, 3 and so on, as TensorFlow Serving reads them."""

import re
from collections.abc import Iterable

from kerasheet_serving.errors import RepositoryError

_NAME = re.compile(r"[1-9][0-9]{0,17}")
_LAST = 10**18 - 1


def is_number(name: str) -> bool:
    """Whether a directory of this name is a version."""
    return _NAME.fullmatch(name) is not None


def numbers(names: Iterable[str]) -> tuple[int, ...]:
    """Those of the names that are versions, oldest first."""
    return tuple(sorted(int(name) for name in names if is_number(name)))


def checked_number(model: str, version: int) -> int:
    """The version itself, unless no directory of a version can have that name.

    Raises:
        RepositoryError: it cannot.
    """
    if not is_number(str(version)):
        raise RepositoryError(
            f"Version {version!r} of model {model!r} is not a whole number from 1 "
            f"to {_LAST}. Use 1, 2, 3 and so on."
        )
    return int(version)
