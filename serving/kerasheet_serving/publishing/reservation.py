"""A number that a living process holds: `.staging-<number>-<token>/` beside versions.

`lock` in it is locked for as long as the process lives, so what a dead one left is told
from what is being written. `version/` in it becomes the version.
"""

import fcntl
import os
import re
import secrets
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.publishing.ledger import Ledger
from kerasheet_serving.publishing.numbering import checked_number, numbers

_LOCK, _VERSION = "lock", "version"
_DIRECTORY = re.compile(r"\.staging-(?:([0-9]+)-)?[0-9a-f]+")


@dataclass(frozen=True)
class Reservation:
    """A number, and a directory to write its version into.

    Args:
        directory: of the reservation.
        number: of the version.
        lock: descriptor that locks the reservation.
    """

    directory: Path
    number: int
    lock: int

    @property
    def version(self) -> Path:
        """The directory to write into."""
        return self.directory / _VERSION

    def release(self) -> None:
        """Give the number back, and remove all that is still in the directory."""
        shutil.rmtree(self.directory, ignore_errors=True)
        os.close(self.lock)


def reserve(model: Path, version: int | None, ledger: Ledger) -> Reservation:
    """Hold a number that no other process holds and that was never published.

    Removes what dead processes left.

    Args:
        model: its directory.
        version: the number; None takes the next free one.
        ledger: of the model, locked.

    Raises:
        RepositoryError: the number is taken, or too large.
        OSError: the directory cannot be written.
    """
    held = _held(model)
    if version is None:
        taken = {*ledger.numbers(), *numbers(os.listdir(model)), *held}
        version = checked_number(model.name, max(taken, default=0) + 1)
    refuse_published(model / str(version), ledger)
    if version in held:
        raise RepositoryError(
            f"Version {version} of model {model.name!r} is being published by someone "
            "else. Leave the version out to get the next free one."
        )
    token = secrets.token_hex(8)
    return _make(model / f".staging-{version}-{token}", version)


def refuse_published(final: Path, ledger: Ledger) -> None:
    """Refuse to publish a version twice.

    Raises:
        RepositoryError: the version directory `final` exists, or once did.
    """
    if os.path.lexists(final):
        raise RepositoryError(
            f"{final} exists already, and a published version never changes. "
            "Leave the version out to get the next free one."
        )
    if int(final.name) in ledger.numbers():
        raise RepositoryError(
            f"{final} was published before and deleted, and no number is given twice. "
            "Leave the version out to get the next free one."
        )


def _make(directory: Path, number: int) -> Reservation:
    with ExitStack() as undo:
        directory.mkdir()
        undo.callback(shutil.rmtree, directory, ignore_errors=True)
        lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        undo.callback(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (directory / _VERSION).mkdir()
        undo.pop_all()
    return Reservation(directory, number, lock)


def _held(model: Path) -> set[int]:
    """Numbers that living processes hold; what dead ones left is removed."""
    held = set()
    for name in os.listdir(model):
        match = _DIRECTORY.fullmatch(name)
        if match is None:
            continue
        if _is_dead(model / name):
            shutil.rmtree(model / name, ignore_errors=True)
        elif match[1]:
            held.add(int(match[1]))
    return held


def _is_dead(directory: Path) -> bool:
    """Whether nobody locks it. Who makes one holds the ledger until it is locked."""
    try:
        lock = os.open(directory / _LOCK, os.O_RDWR)
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True
