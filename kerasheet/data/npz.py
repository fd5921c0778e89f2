"""Images and classes in one NumPy file."""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasheet.data.dataset import Dataset, check_size, resize
from kerasheet.data.samples import Examples
from kerasheet.data.split import TEST_SHARE, stratify
from kerasheet.errors import DataError

KNOWN = ("x", "y", "x_test", "y_test", "labels")
MOST_CLASSES = 65_536
DAMAGED = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)


def npz(path: str | Path, size: int | None = None) -> Dataset:
    """An `.npz` file as `np.savez(path, x=…, y=…)` writes it.

    ```
    x       (samples, height, width[, channels])    uint8, or floats from 0 to 1
    y       (samples,)                              class numbers from 0
    x_test, y_test                                  optional, the same of the test part
    labels  (classes,)                              optional, names of the classes
    ```

    Without a test part a fifth of every class is one: always the same samples.

    Args:
        path: the file.
        size: height and width to resize to (bilinear), in pixels; None for none.

    Returns:
        The images in memory, their `sources` being positions in `x` and `x_test`.

    Raises:
        DataError: there is no such file, it is damaged, or its arrays are not these.
    """
    check_size(size)
    arrays = _read(Path(path))
    try:
        whole = _examples(arrays, "x", "y", size)
        if "x_test" not in arrays:
            return _split(whole, _labels(arrays, whole.y))
        test = _examples(arrays, "x_test", "y_test", size)
        if whole.shape != test.shape:
            raise ValueError(
                f"images of shape {whole.shape} in 'x' but {test.shape} in 'x_test'. "
                "Give both the same"
            )
        labels = _labels(arrays, np.concatenate([whole.y, test.y]))
    except ValueError as error:
        raise DataError(f"{str(path)!r} has {error}.") from None
    return Dataset(whole, test, labels)


def _read(path: Path) -> Mapping[str, np.ndarray]:
    """The known arrays of a file, of which it has enough."""
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}.")
    if not zipfile.is_zipfile(path):
        raise DataError(
            f"{str(path)!r} is not an .npz file, or only a part of one. Write it with "
            "np.savez(path, x=x, y=y)."
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            names, known = file.files, [name for name in KNOWN if name in file]
            arrays = {name: file[name] for name in known}
    except DAMAGED as error:
        raise DataError(
            f"{str(path)!r} cannot be read ({error}). Write it with np.savez(path, "
            "x=x, y=y), x and y being arrays of numbers."
        ) from None
    wanted = KNOWN[:4] if {"x_test", "y_test"} & set(names) else KNOWN[:2]
    for name in wanted:
        if name not in arrays:
            raise DataError(
                f"{str(path)!r} has no array {name!r}, only {', '.join(names)}. Write "
                "it with np.savez(path, x=x, y=y), or with x_test and y_test as well."
            )
    return arrays


def _split(whole: Examples, labels: tuple[str, ...]) -> Dataset:
    train, test = stratify(whole.y, TEST_SHARE, labels=labels)
    sources = {"train": train, "test": test}
    return Dataset(whole.subset(train), whole.subset(test), labels, sources=sources)


def _examples(
    arrays: Mapping[str, np.ndarray], x_name: str, y_name: str, size: int | None
) -> Examples:
    """The samples of one part; a ValueError says what else the file has."""
    x, y = arrays[x_name], arrays[y_name]
    if x.ndim not in (3, 4) or x.size == 0:
        raise ValueError(
            f"an array {x_name!r} of shape {x.shape}. Give it (samples, height, width) "
            "or (samples, height, width, channels)"
        )
    if y.shape != x.shape[:1] or y.dtype.kind not in "iu":
        raise ValueError(
            f"an array {y_name!r} of shape {y.shape} and type {y.dtype}. Give it one "
            f"whole number for each of the {len(x)} images"
        )
    if y.min() < 0 or y.max() >= MOST_CLASSES:
        raise ValueError(
            f"class numbers from {y.min()} to {y.max()} in {y_name!r}. Number the "
            f"classes from 0, up to {MOST_CLASSES - 1}"
        )
    images = _scale(x if x.ndim == 4 else x[..., np.newaxis], x_name)
    if size is not None:
        images = np.stack([_resize(image, size) for image in images])
    return Examples(images, y.astype("int32"))


def _scale(x: np.ndarray, name: str) -> np.ndarray:
    if x.dtype == np.uint8:
        return x / np.float32(255)
    low, high = x.min(), x.max()
    if x.dtype.kind != "f" or not (low >= 0 and high <= 1):
        raise ValueError(
            f"values from {low} to {high} of type {x.dtype} in {name!r}. Give uint8 "
            "from 0 to 255, or floats from 0 to 1"
        )
    return x.astype("float32")


def _resize(image: np.ndarray, size: int) -> np.ndarray:
    return np.stack([resize(plane, size) for plane in np.moveaxis(image, -1, 0)], -1)


def _labels(arrays: Mapping[str, np.ndarray], y: np.ndarray) -> tuple[str, ...]:
    classes = int(y.max()) + 1
    if "labels" not in arrays:
        return tuple(str(number) for number in range(classes))
    labels = arrays["labels"]
    if labels.ndim != 1 or labels.dtype.kind != "U" or len(labels) < classes:
        raise ValueError(
            f"an array 'labels' of shape {labels.shape} and type {labels.dtype}. Give "
            f"it one name for each of the {classes} classes"
        )
    return tuple(labels.tolist())
