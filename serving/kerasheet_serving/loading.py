"""A version directory into a session that is fit to serve."""

import math
import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument, RepositoryError
from kerasheet_serving.example_data import answer_examples
from kerasheet_serving.manifest import verify_file
from kerasheet_serving.session import MODEL_FILE, Session
from kerasheet_serving.specs import TensorSpec

Fingerprint = frozenset[tuple[str, int, int, int]]
"""Name, size, time of change and number of every file."""


def fingerprint(directory: Path) -> Fingerprint:
    """What changes when a file below a directory does, without reading any."""
    found = set()
    for place, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(place, name)
            with suppress(OSError):  # gone just now
                status = os.stat(path)
                found.add((path, status.st_size, status.st_mtime_ns, status.st_ino))
    return frozenset(found)


def has_changed(directory: Path, files: Fingerprint) -> bool:
    """Whether a directory is not as it was, or not there any more."""
    return not directory.is_dir() or fingerprint(directory) != files


def load(root: Path, directory: Path, threads: int | None) -> Session:
    """Open a version, check all that its manifest promises, and warm it up.

    Args:
        root: of the repository, out of which no file of the version may lead.
        directory: of the version.
        threads: CPU threads for one run; None is one per core.

    Raises:
        RepositoryError: a file is missing, has changed or lies elsewhere, the model
            cannot be loaded, or answers its own test data differently.
    """
    for path in [directory, *directory.rglob("*")]:
        _refuse_outside(root, path)
    session = Session(directory, threads)
    for name in sorted(session.manifest.files.keys() - {MODEL_FILE}):
        _refuse_outside(root, directory / name)
        verify_file(directory, session.manifest, name)
    if not answer_examples(session, directory):
        _warm_up(session)
    return session


def _refuse_outside(root: Path, path: Path) -> None:
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise RepositoryError(
            f"{path} leads out of the repository. Put the file itself there."
        )


def _warm_up(session: Session) -> None:
    """Answer a first request of zeros; a model may refuse those."""
    inputs = {spec.name: _zeros(spec) for spec in session.manifest.inputs}
    with suppress(InvalidArgument):
        session.run(inputs)


def _zeros(spec: TensorSpec) -> Array:
    shape = [1 if isinstance(size, str) else size for size in spec.shape]
    if spec.dtype == "str":
        return np.array([""] * math.prod(shape), object).reshape(shape)
    return np.zeros(shape, spec.dtype)
