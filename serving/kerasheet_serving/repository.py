"""The model repository on disk: `<root>/<model>/<version>/`.

The one module that knows this layout, for reading and for writing. TensorFlow Serving
reads the same directories.
"""

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.publishing.numbering import checked_number, is_number, numbers

if TYPE_CHECKING:
    from kerasheet_serving.publishing.staging import Staging

_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MODEL_NAME_RULE = "letters, digits, '.', '_' and '-', starting with a letter or digit"


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
            contents.models[name] = numbers(children)
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
        return numbers(self._children(name))

    def directory(self, name: str, version: int) -> Path:
        """Directory of one version, which must exist.

        Raises:
            RepositoryError: the name or version is malformed, or not there.
        """
        path = self._model(name) / str(checked_number(name, version))
        if not os.path.isdir(path):
            raise RepositoryError(
                f"{self.root} has no version {version} of model {name!r}; "
                f"it has {list(self.versions(name))}."
            )
        return path

    def stage(
        self, name: str, version: int | None = None
    ) -> "AbstractContextManager[Staging]":
        """Open a temporary directory for a new version, gone unless published.

        So are the directories of the model and of the repository, if made for it. The
        number is held meanwhile: nobody else gets it.

        Args:
            name: of the model: letters, digits, `.`, `_` and `-`.
            version: its number; None takes the one after all that were ever published
                or are being written.

        Raises:
            RepositoryError: the name or version is malformed, the version exists, once
                existed or is being written, or the repository cannot be written.
        """
        # Locks as only Unix has them; a server, which writes nothing, needs none.
        from kerasheet_serving.publishing.staging import staged

        model = self._model(name)
        if version is not None:
            version = checked_number(name, version)
        return staged(model, version)

    def _children(self, name: str) -> list[str]:
        path = self.root / name
        if not os.path.isdir(path):
            return []
        return _directories(path, "model", "Let the user of this process read it.")

    def _model(self, name: str) -> Path:
        if not _is_model_name(name):
            raise RepositoryError(
                f"Model name {name!r} cannot be a directory of {self.root}. "
                f"Use {_MODEL_NAME_RULE}."
            )
        return self.root / name


def _is_model_name(name: str) -> bool:
    return _MODEL_NAME.fullmatch(name) is not None


def _not_versions(model: Path, children: list[str]) -> Iterator[str]:
    """Why each other child is no version, or the model itself if it is empty."""
    others = [model / name for name in children if not is_number(name)]
    if not children and not _is_being_written(model):
        others = [model]
    for path in others:
        yield (
            f"Ignored {path}: a version is a directory named 1, 2, 3 ... below its "
            "model."
        )


def _is_being_written(model: Path) -> bool:
    """Whether there are hidden files, as while a model's first version is staged."""
    try:
        return any(name[0] == "." for name in os.listdir(model))
    except OSError:  # it is gone again
        return True


def _directories(path: Path, kind: str, advice: str) -> list[str]:
    """Names of the directories below `path`, but for hidden ones."""
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise RepositoryError(
            f"Cannot read {kind} {path}: {error.strerror}. {advice}"
        ) from error
    return [name for name in names if name[0] != "." and os.path.isdir(path / name)]


def nothing_to_serve(root: Path) -> RepositoryError:
    """Why a repository, although it can be read, gives nothing to serve."""
    parent = root.resolve().parent
    versions = Repository(parent).versions(root.resolve().name)
    if versions:
        return RepositoryError(
            f"{root} holds versions, {', '.join(map(str, versions))}, as one model "
            f"does. Give the directory that holds the models, {parent}."
        )
    return RepositoryError(
        f"{root} has no model that can be served. "
        "Export one into it with `kerasheet export`."
    )
