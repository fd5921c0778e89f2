"""A run directory appears whole in its place, or not at all."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasheet.errors import RunError
from kerasheet.training.checkpoint import sync

CHECKPOINTS = "checkpoints"


@contextmanager
def staged_run(path: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """A directory beside the final place of a run, moved there if all goes well.

    For a run `runs/first` it is `runs/.first-training`, so that a training which was
    killed is found again. If something goes wrong it stays as long as there are
    checkpoints in it.

    Args:
        path: the final place.
        overwrite: whether a run that is there may be replaced.

    Yields:
        The directory, to be filled with `write_run`; checkpoints go into a
        subdirectory `checkpoints`, which the run loses in the end.

    Raises:
        RunError: the place is taken, cannot be written to, or is being trained.
    """
    path = Path(path).absolute()
    _refuse_taken(path, overwrite)
    staging = training_directory(path)
    new = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staging.mkdir(exist_ok=True)
        lock = os.open(staging, os.O_RDONLY)
    except OSError as error:
        raise RunError(
            f"{str(path)!r} cannot be created ({error.strerror}: {error.filename}). "
            "Name another place with --run."
        ) from None
    try:
        _lock(lock, path)
        try:
            yield staging
            _move(staging, path)
        finally:
            if not any(staging.glob(f"{CHECKPOINTS}/*.npz")):
                shutil.rmtree(staging, ignore_errors=True)
    finally:
        os.close(lock)
        _remove_empty(new)


def training_directory(path: Path) -> Path:
    """Where a run lies as long as it is being trained."""
    return path.with_name(f".{path.name}-training")


def _remove_empty(directories: list[Path]) -> None:
    """Remove directories, the innermost first, up to one that something is in."""
    for directory in directories:
        try:
            directory.rmdir()
        except OSError:
            return


def _lock(directory: int, path: Path) -> None:
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RunError(
            f"{str(path)!r} is being trained by another process. Wait for it, or name "
            "another place with --run."
        ) from None


def _refuse_taken(path: Path, overwrite: bool) -> None:
    if not path.exists() and not path.is_symlink():
        return
    if not (path / "recipe.json").is_file() or path.is_symlink():
        raise RunError(
            f"{str(path)!r} is taken by something else than a run. Name another place "
            "with --run."
        )
    if not overwrite:
        raise RunError(
            f"{str(path)!r} is a run directory already. Name another with --run, or "
            "replace a run with --overwrite."
        )


def _move(staging: Path, path: Path) -> None:
    """Put a finished run in its place; one that was there goes last, or comes back."""
    for file in staging.iterdir():
        sync(file)
    replaced = path.with_name(f".{path.name}-replaced")
    if path.exists():
        shutil.rmtree(replaced, ignore_errors=True)
        path.rename(replaced)
    try:
        staging.rename(path)
    except OSError:
        if replaced.exists():
            replaced.rename(path)
        raise
    sync(path.parent)
    shutil.rmtree(path / CHECKPOINTS, ignore_errors=True)
    shutil.rmtree(replaced, ignore_errors=True)
