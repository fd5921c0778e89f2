"""A set of TFRecord files: a folder of images as a few large files.

```
pets.records/
    dataset.json                        labels, shape, and how many records a file has
    train-00000-of-00002.tfrecord       the images, whole files as they were
    train-00001-of-00002.tfrecord
    test-00000-of-00001.tfrecord
```
"""

import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from kerasheet.data.dataset import Dataset, check_size
from kerasheet.data.image_file import scale_image
from kerasheet.data.image_folder import image_folder
from kerasheet.data.memory import fits
from kerasheet.data.parallel import map_threads
from kerasheet.data.record_file import (
    PLACE,
    RecordFiles,
    index_records,
    write_records,
)
from kerasheet.data.samples import ImageShape, Stream
from kerasheet.errors import DataError

FORMAT = 1
SUMMARY = "dataset.json"
RECORDS_PER_FILE = 4096


def convert_folder(
    folder: str | Path, directory: str | Path, size: int | None = None
) -> Dataset:
    """Write a folder of images as a TFRecord set.

    Files of the right size are copied as they are; others are scaled and written as
    PNG. The set has the same samples in the same order and split as `image_folder`.

    Args:
        folder: as for `image_folder`.
        directory: to write; it must be new, or empty.
        size: height and width to scale to, in pixels; None if all have the same.

    Returns:
        The folder's images, with what was skipped.

    Raises:
        DataError: the directory has files in it, or as for `image_folder`.
    """
    folder, directory = Path(folder), Path(directory)
    if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
        raise DataError(f"{str(directory)!r} is not empty. Name a new directory.")
    data = image_folder(folder, size, memory_limit=0)
    directory.mkdir(parents=True, exist_ok=True)
    records = {
        "train": _write_part(folder, directory, data, "train", data.train.y),
        "test": _write_part(folder, directory, data, "test", data.test.y),
    }
    summary = {"format": FORMAT, "labels": data.labels, "shape": data.input_shape}
    text = json.dumps({**summary, "records": records}, indent=2, ensure_ascii=False)
    # Last, so that a set that was not finished is none.
    (directory / SUMMARY).write_text(text + "\n", encoding="utf-8")
    return data


def record_set(
    directory: str | Path,
    size: int | None = None,
    channels: int | None = None,
    memory_limit: int | None = None,
) -> Dataset:
    """The images that `convert_folder` wrote.

    Every file is read once from end to end, which finds damage before training does.

    Args:
        directory: of the set.
        size: height and width to scale to, in pixels; None for those of the set.
        channels: 1 or 3 to convert to; None for those of the set.
        memory_limit: as for `image_folder`.

    Returns:
        The images, their `sources` being paths in the folder that was converted.

    Raises:
        DataError: there is no such set, or it is incomplete, damaged or of a newer
            format.
    """
    check_size(size)
    directory = Path(directory)
    labels, stored, records = _read_summary(directory / SUMMARY)
    shape = size or stored[0], size or stored[1], channels or stored[2]
    train, train_names = _stream(directory, records["train"], shape)
    test, test_names = _stream(directory, records["test"], shape)
    sources = {"train": train_names, "test": test_names}
    y = np.concatenate([train.y, test.y])
    if y.min() < 0 or y.max() >= len(labels):
        raise _damaged(directory / SUMMARY)
    if fits((len(train) + len(test)) * math.prod(shape), memory_limit):
        return Dataset(train.load(), test.load(), labels, sources=sources)
    return Dataset(train, test, labels, sources=sources)


def _write_part(
    folder: Path, directory: Path, data: Dataset, part: str, y: np.ndarray
) -> dict[str, int]:
    """Write one part, and say how many records each file has."""
    names, counts = data.sources[part], {}
    pieces = np.array_split(np.arange(len(names)), -(-len(names) // RECORDS_PER_FILE))
    for number, rows in enumerate(pieces):
        file = f"{part}-{number:05}-of-{len(pieces):05}.tfrecord"
        images = _encode(folder, names[rows], data.input_shape)
        write_records(directory / file, zip(images, y[rows], names[rows], strict=True))
        counts[file] = len(rows)
    return counts


def _encode(folder: Path, names: np.ndarray, shape: ImageShape) -> Iterator[bytes]:
    def encode(name: str) -> bytes:
        with Image.open(folder / name) as image:
            if (image.height, image.width) == shape[:2]:
                return (folder / name).read_bytes()
        buffer = io.BytesIO()
        scale_image(folder / name, shape).save(buffer, "PNG")
        return buffer.getvalue()

    return map_threads(encode, names.tolist())


def _stream(
    directory: Path, counts: Mapping[str, int], shape: ImageShape
) -> tuple[Stream, np.ndarray]:
    """The samples of one part, and their names."""
    paths = tuple(directory / name for name in counts)
    places, y, names = [], [], []
    for number, (path, count) in enumerate(zip(paths, counts.values(), strict=True)):
        index = index_records(path)
        if len(index.y) != count:
            raise DataError(
                f"{str(path)!r} has {len(index.y)} records instead of {count}. Convert "
                "the folder again."
            )
        place = np.empty(count, PLACE)
        place["file"], place["offset"] = number, index.offsets
        place["length"] = index.lengths
        places.append(place)
        y.append(index.y)
        names.append(index.names)
    stream = Stream(
        RecordFiles(paths, shape), np.concatenate(places), np.concatenate(y), shape
    )
    return stream, np.concatenate(names)


def _read_summary(
    path: Path,
) -> tuple[tuple[str, ...], ImageShape, dict[str, dict[str, int]]]:
    """The labels, the shape, and the records in each file of each part."""
    if not path.is_file():
        raise DataError(
            f"There is no TFRecord set in {str(path.parent)!r}. Make one: kerasheet "
            f"convert FOLDER {path.parent}."
        )
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields["format"] != FORMAT:
            raise DataError(
                f"{str(path)!r} has format {fields['format']!r}; this kerasheet reads "
                f"{FORMAT}. Update kerasheet, or convert the folder again."
            )
        height, width, channels = map(int, fields["shape"])
        records = {part: dict(fields["records"][part]) for part in ("train", "test")}
        if not all(sum(files.values()) > 0 for files in records.values()):
            raise ValueError("a part without samples")
        return tuple(map(str, fields["labels"])), (height, width, channels), records
    except (ValueError, TypeError, LookupError, RecursionError):
        raise _damaged(path) from None


def _damaged(path: Path) -> DataError:
    return DataError(f"{str(path)!r} is damaged. Convert the folder again.")
