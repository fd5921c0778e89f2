"""A run directory appears whole in its place, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasheet.errors import RunError


@contextmanager
def staged_run(path: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """A directory beside the final place of a run, moved there if all goes well.

    Args:
        path: the final place.
        overwrite: whether a run that is there may be replaced.

    Yields:
        A temporary directory, to be filled with `write_run`.

    Raises:
        RunError: the place is taken or cannot be written to.
    """
    path = Path(path).absolute()
    _refuse_taken(path, overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise RunError(
            f"{str(path)!r} cannot be created ({error.strerror}: {error.filename}). "
            "Name another place with --run."
        ) from None
    try:
        staging.chmod(0o755)
        yield staging
        _move(staging, path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


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
    if not path.exists():
        staging.rename(path)
        return
    replaced = staging.with_name(f"{staging.name}-replaced")
    path.rename(replaced)
    try:
        staging.rename(path)
    except OSError:
        replaced.rename(path)
        raise
    shutil.rmtree(replaced)
