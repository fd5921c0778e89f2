"""What the disk refuses, as sentences; and what must have reached it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasheet_serving.errors import RepositoryError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell of any failure of the file system as one to write `path`.

    Raises:
        RepositoryError: instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(path, error.errno) from error
        raise RepositoryError(
            f"Cannot write {path}: {error.strerror}. Give a repository that you may "
            "write to, and a name that its file system can hold."
        ) from error


@contextmanager
def filling(directory: Path, path: Path) -> Iterator[None]:
    """Tell of a disk that is full while others write `directory`, to become `path`.

    Raises:
        RepositoryError: instead of their error, whatever its type: TensorFlow's only
            quotes the words of the system.
    """
    try:
        yield
    except RepositoryError:
        raise
    except Exception as error:
        reason = _reason(error, directory)
        if reason is None:
            raise
        raise _full(path, reason) from error


def flush(path: Path) -> None:
    """Wait until a file, or the list of a directory, is on the disk.

    Raises:
        OSError: it cannot be.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: Exception, directory: Path) -> int | None:
    """Which of `_FULL` it is; None for another error, or one of another directory."""
    if isinstance(error, OSError):
        elsewhere = error.filename is not None and not _names(error, directory)
        return error.errno if error.errno in _FULL and not elsewhere else None
    quoted = (number for number in _FULL if os.strerror(number) in str(error))
    return next(quoted, None) if _names(error, directory) else None


def _names(error: Exception, directory: Path) -> bool:
    return directory.name in str(error)


def _full(path: Path, number: int) -> RepositoryError:
    return RepositoryError(
        f"Cannot write {path}: {os.strerror(number)}. Make room for it and publish "
        "again; the repository is as it was."
    )
