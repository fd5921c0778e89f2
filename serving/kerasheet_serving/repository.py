"""The model repository on disk: `<root>/<model>/<version>/`.

The one module that knows this layout, for reading and for writing. TensorFlow Serving
reads the same directories.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.staging import Staging, refuse_existing, writing

_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MODEL_NAME_RULE = "letters, digits, '.', '_' and '-', starting with a letter or digit"
_VERSION_NAME = re.compile(r"[1-9][0-9]{0,17}")
_LAST_VERSION = 10**18 - 1
_TEMPORARY_PREFIX = ".staging-"


@dataclass(frozen=True)
class Contents:
    """What a repository holds.

    Args:
        models: versions of every model, oldest first; none for a model without any.
        ignored: why other directories are neither, a sentence for each.
    """

    models: dict[str, tuple[int, ...]]
    ignored: list[str]


class Repository:
    """Models and their versions below one directory.

    Args:
        root: directory whose children are models, and theirs versions.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def read(self) -> Contents:
        """Find every model and version, and what is neither.

        Like TensorFlow Serving, ignores directories that are not numbers; hidden ones
        without a word.

        Raises:
            RepositoryError: the root is missing, not a directory, or not readable.
        """
        contents = Contents({}, [])
        names = _directories(
            self.root,
            "model repository",
            "Give the directory that holds <model>/<version>/, or make one with "
            "`kerasheet export`.",
        )
        for name in names:
            path = self.root / name
            if not _is_model_name(name):
                contents.ignored.append(
                    f"Ignored {path}: the name of a model is {_MODEL_NAME_RULE}."
                )
                continue
            try:
                children = self._children(name)
            except RepositoryError as error:
                contents.ignored.append(str(error))
                continue
            contents.models[name] = _numbers(children)
            contents.ignored.extend(_not_versions(path, children))
        return contents

    def models(self) -> dict[str, tuple[int, ...]]:
        """Versions of every model that `read` finds."""
        return self.read().models

    def versions(self, name: str) -> tuple[int, ...]:
        """Versions of one model, oldest first; none if it has no directory.

        Raises:
            RepositoryError: its directory cannot be read.
        """
        return _numbers(self._children(name))

    def directory(self, name: str, version: int) -> Path:
        """Directory of one version, which must exist.

        Raises:
            RepositoryError: the name or version is malformed, or not there.
        """
        path = self._path(name, version)
        if not os.path.isdir(path):
            raise RepositoryError(
                f"{self.root} has no version {version} of model {name!r}; "
                f"it has {list(self.versions(name))}."
            )
        return path

    @contextmanager
    def stage(self, name: str, version: int | None = None) -> Iterator[Staging]:
        """Open a temporary directory for a new version, gone unless published.

        So are the directories of the model and of the repository, if made for it.

        Args:
            name: of the model: letters, digits, `.`, `_` and `-`.
            version: its number; None takes the next free one.

        Raises:
            RepositoryError: the name or version is malformed, the version exists
                already, or the repository cannot be written.
        """
        model = self._path(name, 1).parent
        if version is None:
            version = max(self.versions(name), default=0) + 1
        final = self._path(name, version)
        temporary = model / (_TEMPORARY_PREFIX + secrets.token_hex(8))
        made = [model] if os.path.isdir(self.root) else [model, self.root]
        try:
            with writing(model):
                refuse_existing(final)
                temporary.mkdir(parents=True)
            yield Staging(temporary, version, final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            for directory in made:
                with suppress(OSError):  # holds something, or was never made
                    directory.rmdir()

    def _children(self, name: str) -> list[str]:
        path = self.root / name
        if not os.path.isdir(path):
            return []
        return _directories(path, "model", "Let the user of this process read it.")

    def _path(self, name: str, version: int) -> Path:
        if not _is_model_name(name):
            raise RepositoryError(
                f"Model name {name!r} cannot be a directory of {self.root}. "
                f"Use {_MODEL_NAME_RULE}."
            )
        if not _VERSION_NAME.fullmatch(str(version)):
            raise RepositoryError(
                f"Version {version!r} of model {name!r} is not a whole number from 1 "
                f"to {_LAST_VERSION}. Use 1, 2, 3 and so on."
            )
        return self.root / name / str(version)


def _is_model_name(name: str) -> bool:
    return _MODEL_NAME.fullmatch(name) is not None


def _numbers(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(int(name) for name in names if _VERSION_NAME.fullmatch(name)))


def _not_versions(model: Path, children: list[str]) -> Iterator[str]:
    """Why each other child is no version, or the model itself if it has none."""
    others = [model / name for name in children if not _VERSION_NAME.fullmatch(name)]
    for path in others if children else [model]:
        yield (
            f"Ignored {path}: a version is a directory named 1, 2, 3 ... below its "
            "model."
        )


def _directories(path: Path, kind: str, advice: str) -> list[str]:
    """Names of the directories below `path`, but for hidden ones."""
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise RepositoryError(
            f"Cannot read {kind} {path}: {error.strerror}. {advice}"
        ) from error
    return [name for name in names if name[0] != "." and os.path.isdir(path / name)]
