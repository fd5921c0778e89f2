"""The model repository on disk: `<root>/<model>/<version>/`.

The one module that knows this layout, for reading and for writing. TensorFlow Serving
reads the same directories.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kerasheet_serving.errors import RepositoryError

_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION_NAME = re.compile(r"[1-9][0-9]{0,17}")
_TEMPORARY_PREFIX = ".staging-"


class Repository:
    """Models and their versions below one directory.

    Args:
        root: directory whose children are models, and theirs versions.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def models(self) -> dict[str, tuple[int, ...]]:
        """Versions of every model, oldest first; none for a model without any.

        Like TensorFlow Serving, ignores directories that are not numbers.

        Raises:
            RepositoryError: the root is missing, not a directory, or not readable.
        """
        return {
            name: self._versions(name)
            for name in _directories(self.root)
            if _is_model_name(name)
        }

    def unnumbered(self, name: str) -> list[str]:
        """Directories of a model that are no version, for not being a number."""
        names = _directories(self.root / name)
        return [n for n in names if n[0] != "." and not _VERSION_NAME.fullmatch(n)]

    def directory(self, name: str, version: int) -> Path:
        """Directory of one version, which must exist.

        Raises:
            RepositoryError: the name or version is malformed, or not there.
        """
        path = self._path(name, version)
        if not os.path.isdir(path):
            raise RepositoryError(
                f"{self.root} has no version {version} of model {name!r}; "
                f"it has {list(self._versions(name))}."
            )
        return path

    @contextmanager
    def stage(self, name: str, version: int | None = None) -> Iterator["Staging"]:
        """Open a temporary directory for a new version, gone unless published.

        Args:
            name: of the model: letters, digits, `.`, `_` and `-`.
            version: its number; None takes the next free one.

        Raises:
            RepositoryError: the name or version is malformed, the version exists
                already, or the repository cannot be written.
        """
        if version is None:
            self._path(name, 1)
            version = max(self._versions(name), default=0) + 1
        final = self._path(name, version)
        _refuse_existing(final)
        temporary = final.with_name(_TEMPORARY_PREFIX + secrets.token_hex(8))
        _make(temporary)
        try:
            yield Staging(temporary, version, final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            with suppress(OSError):  # a model directory without versions is no use
                final.parent.rmdir()

    def _versions(self, name: str) -> tuple[int, ...]:
        path = self.root / name
        names = _directories(path) if os.path.exists(path) else []
        return tuple(sorted(int(n) for n in names if _VERSION_NAME.fullmatch(n)))

    def _path(self, name: str, version: int) -> Path:
        if not _is_model_name(name):
            raise RepositoryError(
                f"Model name {name!r} cannot be a directory of {self.root}. Use "
                "letters, digits, '.', '_' and '-', starting with a letter or digit."
            )
        if not _VERSION_NAME.fullmatch(str(version)):
            raise RepositoryError(
                f"Version {version!r} of model {name!r} is not a positive whole "
                "number. Use 1, 2, 3 and so on."
            )
        return self.root / name / str(version)


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
            RepositoryError: someone else published this version in the meantime.
        """
        for path in (*self.path.rglob("*"), self.path):
            _flush(path)
        _refuse_existing(self._final)
        try:
            self.path.rename(self._final)
        except OSError as error:
            raise RepositoryError(
                f"Cannot publish {self._final}: {error.strerror}."
            ) from error
        _flush(self._final.parent)
        _flush(self._final.parent.parent)
        return self._final


def _is_model_name(name: str) -> bool:
    return _MODEL_NAME.fullmatch(name) is not None


def _directories(path: Path) -> list[str]:
    try:
        return sorted(child.name for child in path.iterdir() if child.is_dir())
    except OSError as error:
        raise RepositoryError(
            f"Cannot read model repository {path}: {error.strerror}. Give the "
            "directory that holds <model>/<version>/, or make one with "
            "`kerasheet export`."
        ) from error


def _refuse_existing(final: Path) -> None:
    if final.exists():
        raise RepositoryError(
            f"{final} exists already, and a published version never changes. "
            "Leave the version out to get the next free one."
        )


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True)
    except OSError as error:
        raise RepositoryError(
            f"Cannot write to model repository {directory.parent.parent}: "
            f"{error.strerror}. Give a directory that you may write to."
        ) from error


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
