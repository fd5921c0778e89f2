"""Checkpoints: a training on disk, from which it goes on as if never stopped."""

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from kerasheet.errors import RecipeError, RunError
from kerasheet.training.recipe import Recipe
from kerasheet.training.state import State

FORMAT = 1
KEPT = 2
"""So many of the latest are kept: if one is damaged, the one before it is there."""

FACTS = "facts"
DAMAGE = (OSError, ValueError, TypeError, EOFError, LookupError, zipfile.BadZipFile)


class Checkpoints:
    """The latest checkpoints of a training, in a directory of their own.

    Each is a NumPy archive, `000017.npz`, without a pickle in it. It is written under
    another name, synced and renamed: no reader ever sees a half of it.

    Args:
        directory: need not be there yet.
        recipe: what is trained.

    Attributes:
        data: the fingerprint of what it is trained on; None until `hold_to`.
    """

    def __init__(self, directory: Path, recipe: Recipe) -> None:
        self.directory, self.recipe = directory, recipe
        self.data: str | None = None

    def paths(self) -> list[Path]:
        """All of them, the latest first."""
        return sorted(self.directory.glob("*.npz"), reverse=True)

    def write(self, state: State) -> None:
        """Add one, and remove those before the last two.

        Raises:
            OSError: the disk is full, or cannot be written to.
        """
        paths = self.paths()
        number = int(paths[0].stem) + 1 if paths else 1
        of = {"format": FORMAT, "recipe": self.recipe.to_json(), "data": self.data}
        self.directory.mkdir(exist_ok=True)
        unfinished = self.directory / "unfinished"
        try:
            with unfinished.open("wb") as file:
                dump(State({**of, **state.facts}, state.arrays), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, self.directory / f"{number:06}.npz")
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        sync(self.directory)
        for path in paths[KEPT - 1 :]:
            path.unlink()

    def read(self) -> State | None:
        """The latest that is whole; None if there is none.

        Raises:
            RunError: it is of another recipe, of a newer format, or all are damaged.
        """
        for path in self.paths():
            try:
                with path.open("rb") as file:
                    state = load(file)
            except DAMAGE:
                continue
            self._refuse_another(state)
            return state
        if self.paths():
            raise RunError(
                f"The checkpoints in {str(self.directory)!r} are damaged. Begin anew "
                "with --overwrite."
            )
        return None

    def hold_to(self, data: str, state: State | None) -> None:
        """Say in every checkpoint from now on which data it is of.

        Args:
            data: the fingerprint of the data that is there.
            state: what training goes on from, None if it begins.

        Raises:
            RunError: the state is of other data.
        """
        if state is not None and state.facts.get("data") != data:
            raise RunError(
                f"{self.recipe.data!r} is no longer the data that "
                f"{str(self.directory.parent)!r} was trained on: put it back as it "
                "was, or begin anew with --overwrite instead of --resume."
            )
        self.data = data

    def clear(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _refuse_another(self, state: State) -> None:
        found = state.facts["format"]
        if found != FORMAT:
            raise RunError(
                f"{str(self.directory)!r} has checkpoint format {found!r}; this "
                f"kerasheet reads {FORMAT}. Update kerasheet, or begin anew with "
                "--overwrite."
            )
        try:
            other = Recipe.from_json(state.facts["recipe"])
        except RecipeError as error:
            raise RunError(f"{str(self.directory)!r}: {error}") from None
        if other != self.recipe:
            raise RunError(
                f"{str(self.directory)!r} is of another recipe: "
                f"{differences(other, self.recipe)}. Go on with that recipe, or begin "
                "anew with --overwrite."
            )


def differences(there: Recipe, here: Recipe) -> str:
    """The fields in which two recipes differ, in words.

    Example:
    >>> differences(Recipe("mlp", "digits"), Recipe("mlp", "digits", epochs=5))
    'epochs is 10 there and 5 here'
    """
    ours, theirs = here.to_json(), there.to_json()
    return ", ".join(
        f"{name} is {theirs[name]!r} there and {ours[name]!r} here"
        for name in ours
        if theirs[name] != ours[name]
    )


def sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a directory, even if power fails."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def dump(state: State, file: BinaryIO) -> None:
    """Write a state as a NumPy archive without a pickle."""
    arrays: dict[str, Any] = {FACTS: np.array(json.dumps(state.facts)), **state.arrays}
    np.savez(file, **arrays)


def load(file: BinaryIO) -> State:
    """Read what `dump` wrote."""
    with np.load(file, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return State(json.loads(str(arrays.pop(FACTS))), arrays)
