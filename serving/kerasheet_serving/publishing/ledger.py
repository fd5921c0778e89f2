"""`.versions` beside the versions of a model: every number that was ever published.

It remembers the deleted ones. Who has locked it is alone in taking a number and in
publishing. Readers ignore it, as TensorFlow Serving does.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasheet_serving.publishing.numbering import numbers

LEDGER_FILE = ".versions"


class Ledger:
    """The numbers in a file that is open and locked, a line each.

    Args:
        path: of the file.
        descriptor: of the file, open for reading and writing.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def numbers(self) -> set[int]:
        """Every number in it."""
        return set(numbers(self._lines().decode("ascii", "replace").split("\n")))

    @contextmanager
    def adding(self, more: Iterable[int]) -> Iterator[None]:
        """Add numbers, on the disk before the block; not if it fails.

        Raises:
            OSError: the file cannot be written.
        """
        end = len(self._lines())
        lines = "".join(f"{number}\n" for number in sorted({*more} - self.numbers()))
        try:
            os.ftruncate(self._descriptor, end)
            self._append(lines.encode("ascii"))
            os.fsync(self._descriptor)
            yield
        except BaseException:
            os.ftruncate(self._descriptor, end)
            raise

    def remove_empty(self) -> None:
        """Remove the file if nothing was ever published."""
        if not self.numbers():
            self._path.unlink()

    def _lines(self) -> bytes:
        """All whole lines: the last one may have been cut off by a crash."""
        content = os.pread(self._descriptor, os.fstat(self._descriptor).st_size, 0)
        return content[: content.rfind(b"\n") + 1]

    def _append(self, content: bytes) -> None:
        os.lseek(self._descriptor, 0, os.SEEK_END)
        while content:
            content = content[os.write(self._descriptor, content) :]


@contextmanager
def locked_ledger(model: Path) -> Iterator[Ledger]:
    """The ledger of a model, made if it has none, locked until the block ends.

    Waits for whoever has locked it; the lock of a process that dies is gone.

    Args:
        model: its directory.

    Raises:
        OSError: the directory is missing, or its ledger cannot be written.
    """
    path = model / LEDGER_FILE
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        while not os.fstat(descriptor).st_nlink:  # removed while we waited
            removed, descriptor = descriptor, _open(path)
            os.close(removed)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield Ledger(path, descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
