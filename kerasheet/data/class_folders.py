"""Which files a folder of images has, and of which class each is."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kerasheet.errors import DataError

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


@dataclass(frozen=True)
class ClassFolders:
    """Image files by class, in an order that depends on their names alone.

    Attributes:
        labels: names of the classes, sorted.
        places: the class folders, relative to the folder: one a label, or those in
            train and then those in test.
        names: (files,), paths relative to the folder, with slashes.
        place: (files,), number of the class folder that each is in.
        ignored: number of other files in the class folders.
    """

    labels: tuple[str, ...]
    places: tuple[str, ...]
    names: np.ndarray
    place: np.ndarray
    ignored: int

    @property
    def y(self) -> np.ndarray:
        """(files,), int32 class numbers."""
        return (self.place % len(self.labels)).astype("int32")

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Positions of the files in train and in test; None without such folders."""
        if len(self.places) == len(self.labels):
            return None
        in_test = self.place >= len(self.labels)
        return np.flatnonzero(~in_test), np.flatnonzero(in_test)

    def subset(self, indices: np.ndarray) -> "ClassFolders":
        """The files at these positions, in this order."""
        return replace(self, names=self.names[indices], place=self.place[indices])


def list_class_folders(folder: Path) -> ClassFolders:
    """List the image files of a folder that has one subfolder a class.

    The class folders may instead be in two folders named train and test. Files are
    images by their names; hidden ones are passed over.

    Raises:
        DataError: there is no such folder, it has fewer than two class folders, or
            train and test have different ones.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {str(folder)!r}.")
    labels = places = _subfolders(folder)
    if labels == ["test", "train"] and _subfolders(folder / "train"):
        labels = _same_labels(folder)
        places = [f"{part}/{label}" for part in ("train", "test") for label in labels]
    if len(labels) < 2:
        raise DataError(
            "A folder of images needs at least two subfolders, one a class, but "
            f"{str(folder)!r} has {len(labels)}. Sort the images into subfolders."
        )
    names: list[str] = []
    place, ignored = [], 0
    for number, name in enumerate(places):
        files = sorted(e.name for e in _visible(folder / name) if not e.is_dir())
        images = [file for file in files if file.lower().endswith(SUFFIXES)]
        ignored += len(files) - len(images)
        names += [f"{name}/{file}" for file in images]
        place += [number] * len(images)
    arrays = np.array(names, object), np.array(place, int)
    return ClassFolders(tuple(labels), tuple(places), *arrays, ignored)


def _same_labels(folder: Path) -> list[str]:
    labels = {part: _subfolders(folder / part) for part in ("train", "test")}
    only = sorted(set(labels["train"]) ^ set(labels["test"]))
    if only:
        has, lacks = (
            ("train", "test") if only[0] in labels["train"] else ("test", "train")
        )
        raise DataError(
            f"{str(folder)!r} has class {only[0]!r} in {has} but not in {lacks}. Give "
            "both the same subfolders."
        )
    return labels["train"]


def _subfolders(folder: Path) -> list[str]:
    return sorted(entry.name for entry in _visible(folder) if entry.is_dir())


def _visible(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]
