"""What tells data from other data: the fingerprint that checkpoints carry."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from kerasheet.data import DATA, Dataset, Examples
from kerasheet.data.parallel import map_threads
from kerasheet.data.record_file import record_checksums
from kerasheet.data.records import SUMMARY
from kerasheet.errors import DataError
from kerasheet.language import Corpus

END_BYTES = 4096
"""So much of a file is read at its beginning, and as much at its end."""

Pieces = Iterator[bytes | memoryview]


def images_fingerprint(data: Dataset, source: str) -> str:
    """The SHA-256 of images, of their classes and of how they are split.

    Whether they are held in memory or not, a TFRecord set counts by the checksum of
    each record, and a folder by the name, the size and both ends of each file, where
    formats keep headers and checksums. A copy of a file is the same, another picture in
    its place is not; what changes only in the middle of an uncompressed file goes
    unnoticed. Other images count pixel by pixel.

    Args:
        data: split as it is trained on.
        source: the name or path of it in a recipe.

    Returns:
        64 hexadecimal digits.

    Raises:
        DataError: a file has gone.

    Example:
    >>> from kerasheet.data import digits
    >>> data = digits()
    >>> one, two = (images_fingerprint(d, "digits") for d in (data, data.split(0.1)))
    >>> len(one), one == two
    (64, False)
    """
    return _digest(_pieces_of_images(data, source))


def text_fingerprint(corpus: Corpus) -> str:
    """The SHA-256 of a text's ids in its three parts, and of its vocabulary.

    Returns:
        64 hexadecimal digits.

    Example:
    >>> from kerasheet.language import make_corpus
    >>> one, other = make_corpus("to be or not"), make_corpus("to be or now")
    >>> text_fingerprint(one) == text_fingerprint(other)
    False
    """
    return _digest(_pieces_of_text(corpus))


def _pieces_of_images(data: Dataset, source: str) -> Pieces:
    yield _line(data.labels)
    in_files = source not in DATA and Path(source).is_dir()
    for name in ("train", "validation", "test"):
        samples = getattr(data, name)
        if samples is None:
            continue
        yield _line([name, data.sources[name].tolist()])
        yield from _pieces_of_array(samples.y)
        if isinstance(samples, Examples) and not in_files:
            yield from _pieces_of_array(samples.x)
    if in_files:
        yield from _pieces_of_files(data, Path(source))


def _pieces_of_files(data: Dataset, folder: Path) -> Pieces:
    try:
        if (folder / SUMMARY).is_file():
            yield from map(record_checksums, sorted(folder.glob("*.tfrecord")))
            return
        for names in data.sources.values():
            yield from map_threads(_ends, [folder / name for name in names])
    except OSError as error:
        raise DataError(
            f"{error.filename!r} was there before, but can no longer be read "
            f"({error.strerror}). Leave the data alone while it is trained on."
        ) from None


def _pieces_of_text(corpus: Corpus) -> Pieces:
    yield _line(corpus.vocabulary.tokens)
    for ids in (corpus.train, corpus.validation, corpus.test):
        yield from _pieces_of_array(ids)


def _pieces_of_array(array: np.ndarray) -> Pieces:
    yield _line([str(array.dtype), array.shape])
    yield np.ascontiguousarray(array).data


def _ends(path: Path) -> bytes:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        first = file.read(END_BYTES)
        file.seek(max(size - END_BYTES, 0))
        return _line(size) + first + file.read(END_BYTES)


def _line(facts: object) -> bytes:
    return json.dumps(facts).encode() + b"\n"


def _digest(pieces: Iterable[bytes | memoryview]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
