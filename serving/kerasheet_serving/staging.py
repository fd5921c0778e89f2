"""A version being written: invisible to readers until it is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasheet_serving.errors import RepositoryError


class Staging:
    """A version being written, invisible to readers until published.

    Attributes:
        path: the temporary directory to write into.
        version: the number it will have.
    """

    def __init__(self, path: Path, version: int, final: Path) -> None:
        self.path = path
        self.version = version
        self._final = final

    def publish(self) -> Path:
        """Flush every file to disk, then give the directory its final name.

        Returns:
            The final directory.

        Raises:
            RepositoryError: someone else published this version in the meantime, or
                the repository cannot be written.
        """
        with writing(self._final):
            for path in (*self.path.rglob("*"), self.path):
                _flush(path)
            refuse_existing(self._final)
            self.path.rename(self._final)
            _flush(self._final.parent)
            _flush(self._final.parent.parent)
        return self._final


def refuse_existing(final: Path) -> None:
    """Refuse to publish a version twice.

    Raises:
        RepositoryError: the version directory `final` exists.
    """
    if final.exists():
        raise RepositoryError(
            f"{final} exists already, and a published version never changes. "
            "Leave the version out to get the next free one."
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell of any failure of the file system as one to write `path`.

    Raises:
        RepositoryError: instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise RepositoryError(
            f"Cannot write {path}: {error.strerror}. Give a repository that you may "
            "write to, and a name that its file system can hold."
        ) from error


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
