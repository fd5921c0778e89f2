"""One TFRecord file of encoded images."""

import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from kerasheet.data.image_file import UNREADABLE, decode_image
from kerasheet.data.samples import ImageShape
from kerasheet.errors import DataError

IMAGE, LABEL, NAME = "image/encoded", "image/class/label", "image/filename"
FIELDS = {
    IMAGE: tf.io.FixedLenFeature([], tf.string),
    LABEL: tf.io.FixedLenFeature([], tf.int64),
    NAME: tf.io.FixedLenFeature([], tf.string),
}
PLACE = np.dtype([("file", "int32"), ("offset", "int64"), ("length", "int64")])
"""Of a record: the number of its file, and bytes."""

HEADER_BYTES = 12
"""Before each record: its length, and a checksum of that."""
FOOTER_BYTES = 4
"""After each record: its checksum."""


class RecordIndex(NamedTuple):
    """What a file has, apart from the images.

    Attributes:
        offsets: (records,), where each starts, in bytes from the start of the file.
        lengths: (records,), of each, in bytes.
        y: (records,), int32 class numbers.
        names: (records,), what each image is called.
    """

    offsets: np.ndarray
    lengths: np.ndarray
    y: np.ndarray
    names: np.ndarray


def write_records(path: Path, records: Iterable[tuple[bytes, int, str]]) -> None:
    """Write (image file, class number, name) of each sample as a `tf.train.Example`."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for image, label, name in records:
            fields = {
                IMAGE: _feature(bytes_list=tf.train.BytesList(value=[image])),
                LABEL: _feature(int64_list=tf.train.Int64List(value=[label])),
                NAME: _feature(
                    bytes_list=tf.train.BytesList(value=[os.fsencode(name)])
                ),
            }
            example = tf.train.Example(features=tf.train.Features(feature=fields))
            writer.write(example.SerializeToString())


def index_records(path: Path) -> RecordIndex:
    """Read a file from end to end once, comparing every checksum.

    Raises:
        DataError: it is missing, damaged, cut off, or has other fields than these.
    """
    if not path.is_file():
        raise DataError(
            f"There is no record file {str(path)!r}. Convert the folder again."
        )
    lengths, classes, names = [], [], []
    records = tf.data.TFRecordDataset(str(path))
    try:
        for length, label, name in records.map(_outline).batch(4096):
            lengths.append(length.numpy())
            classes.append(label.numpy())
            names += [os.fsdecode(text) for text in name.numpy()]
    except tf.errors.OpError:
        raise DataError(
            f"{str(path)!r} is damaged, cut off, or not of kerasheet's making. Convert "
            "the folder again."
        ) from None
    sizes = np.concatenate([*lengths, np.zeros(0, "int64")]).astype("int64")
    ends = np.cumsum(sizes + HEADER_BYTES + FOOTER_BYTES)
    y = np.concatenate([*classes, np.zeros(0)]).astype("int32")
    offsets = ends - sizes - FOOTER_BYTES
    return RecordIndex(offsets, sizes, y, np.array(names, object))


def record_checksums(path: Path) -> bytes:
    """The checksums of all records of a whole file, without reading the records.

    Raises:
        OSError: it has gone.
    """
    sums = []
    with path.open("rb") as file:
        while header := file.read(HEADER_BYTES):
            file.seek(int.from_bytes(header[:8], "little"), os.SEEK_CUR)
            sums.append(file.read(FOOTER_BYTES))
    return b"".join(sums)


@dataclass(frozen=True)
class RecordFiles:
    """Reads an image of a set by its place: one `PLACE`.

    Attributes:
        paths: the record files.
        shape: (height, width, channels) to scale and convert to.
    """

    paths: tuple[Path, ...]
    shape: ImageShape

    def __call__(self, place: np.void) -> np.ndarray:
        number, offset, length = place.item()
        try:
            with self.paths[number].open("rb") as file:
                file.seek(offset)
                example = tf.train.Example.FromString(file.read(length))
            [image] = example.features.feature[IMAGE].bytes_list.value
            return decode_image(io.BytesIO(image), self.shape)
        except (*UNREADABLE, DecodeError):
            raise DataError(
                f"{str(self.paths[number])!r} has no image at byte {offset}. Convert "
                "the folder again."
            ) from None


@tf.autograph.experimental.do_not_convert
def _outline(record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    fields = tf.io.parse_single_example(record, FIELDS)
    return tf.strings.length(record), fields[LABEL], fields[NAME]


def _feature(**value: Any) -> tf.train.Feature:
    return tf.train.Feature(**value)
