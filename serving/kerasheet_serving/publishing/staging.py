"""A version being written: invisible to readers until it is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kerasheet_serving.publishing.disk import filling, flush, writing
from kerasheet_serving.publishing.ledger import locked_ledger
from kerasheet_serving.publishing.numbering import numbers
from kerasheet_serving.publishing.reservation import (
    Reservation,
    refuse_published,
    reserve,
)

_ATTEMPTS = 100


class Staging:
    """A version being written, invisible to readers until published.

    Args:
        path: the temporary directory to write into.
        version: the number it will have.
        final: its directory when published.
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
            RepositoryError: someone else made this version in the meantime, or the
                repository cannot be written.
        """
        model = self._final.parent
        with writing(self._final):
            for path in (*self.path.rglob("*"), self.path):
                flush(path)
            with locked_ledger(model) as ledger:
                refuse_published(self._final, ledger)
                with ledger.adding([*numbers(os.listdir(model)), self.version]):
                    self.path.rename(self._final)
                self._flush_name()
        return self._final

    def _flush_name(self) -> None:
        """Make the name last, or take it back; its number then stays used."""
        try:
            flush(self._final.parent)
            flush(self._final.parent.parent)
        except BaseException:
            self._final.rename(self.path)
            raise


@contextmanager
def staged(model: Path, version: int | None) -> Iterator[Staging]:
    """Hold a number and a temporary directory, which is gone unless published.

    So are the directories that were made for it.

    Args:
        model: its directory, made if missing.
        version: the number; None takes the next free one.

    Raises:
        RepositoryError: the number is taken, or the repository cannot be written.
    """
    with _leaving_no_trace(model):
        with writing(model):
            reservation = _reserve(model, version)
        final = model / str(reservation.number)
        try:
            with filling(reservation.directory, final):
                yield Staging(reservation.version, reservation.number, final)
        finally:
            reservation.release()


def _reserve(model: Path, version: int | None) -> Reservation:
    attempts = _ATTEMPTS
    while True:
        try:
            model.mkdir(parents=True, exist_ok=True)
            with locked_ledger(model) as ledger:
                return reserve(model, version, ledger)
        except (FileNotFoundError, FileExistsError):
            # Someone who had made the directory, and gave up, is removing it.
            attempts -= 1
            if not attempts:
                raise


@contextmanager
def _leaving_no_trace(model: Path) -> Iterator[None]:
    """Remove the ledger and the directories made in the block, if made for nothing."""
    missing = [place for place in (model, *model.parents) if not os.path.isdir(place)]
    try:
        yield
    finally:
        with suppress(OSError), locked_ledger(model) as ledger:
            ledger.remove_empty()
        for place in missing:
            with suppress(OSError):  # holds something, or was never made
                place.rmdir()
