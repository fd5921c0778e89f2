"""A text, cut into the parts that a language model learns from and is tried on."""

import codecs
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from kerasheet.errors import DataError
from kerasheet.language.arguments import check_count, check_unit
from kerasheet.language.tokens import SEPARATORS, split, whole_words
from kerasheet.language.vocabulary import Vocabulary

BLOCK = 1 << 20
"""How much of a text is in memory at a time, in bytes or characters."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """The ids of a text's tokens in three consecutive parts.

    Attributes:
        train: (tokens,), integers: what a model learns from.
        validation: (tokens,): what its recipe is chosen by.
        test: (tokens,): what nothing was chosen by.
        vocabulary: the tokens of `train`, numbered.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    vocabulary: Vocabulary


def make_corpus(
    source: str | Path,
    *,
    unit: str = "characters",
    min_frequency: int = 1,
    tokens: int | None = None,
    directory: Path | None = None,
) -> Corpus:
    """Encode a text and cut it by position: 80 % train, 10 % validation, 10 % test.

    A file is read three times (to measure it, to find its vocabulary and to encode
    it), a block at a time, and its ids stay on disk: it may be larger than memory. Its
    lines may end as on any system, and a byte order mark is dropped.

    Args:
        source: the text itself as a `str`, or the `Path` of a file of UTF-8.
        unit: `"characters"` or `"words"`.
        min_frequency: how often a token must occur in the training part to be one of
            the vocabulary.
        tokens: keep only the first so many of the training part; None for all.
        directory: where the ids of a file lie, in a file without a name that goes
            with the arrays; None for the system's directory of temporary files.

    Returns:
        Ids in uint16, or int32 if there are more than 65,536 tokens; the vocabulary
        is of the training part alone, as far as `tokens` keeps it.

    Raises:
        DataError: the text is empty, missing or not UTF-8, all its tokens are rare,
            its ids cannot be written, or an argument is none of the above.

    Example:
    >>> corpus = make_corpus("to be or not to be")
    >>> corpus.vocabulary.decode(corpus.train), corpus.test.tolist()
    ('to be or not t', [4, 5])

    Source: sheet §7.3.
    """
    check_unit(unit)
    check_count("min_frequency", min_frequency, "Give 1 to keep every token")
    if tokens is not None:
        check_count("tokens", tokens, "Leave it out to keep all")
    blocks = partial(_blocks, source, unit)
    total = sum(len(split(block, unit)) for block in blocks())
    if total == 0:
        raise _empty(source, unit)
    end, test = total * 8 // 10, total * 9 // 10
    kept = min(end, tokens or end)
    vocabulary = Vocabulary.build(_first(blocks(), kept, unit), unit, min_frequency)
    if kept and len(vocabulary) == 1:
        raise DataError(
            f"None of the {kept} {unit} to train on occurs min_frequency="
            f"{min_frequency} times, which leaves no vocabulary. Lower it."
        )
    ids = _encode(source, blocks, vocabulary, directory)
    return Corpus(ids[:kept], ids[end:test], ids[test:], vocabulary)


def encode_text(source: str | Path, vocabulary: Vocabulary) -> np.ndarray:
    """The ids of a whole text by a vocabulary that is there already.

    Args:
        source: as in `make_corpus`.
        vocabulary: a token it lacks becomes `<unk>`.

    Returns:
        (tokens,), uint16 or int32; of a file, on disk.

    Raises:
        DataError: the text is empty, missing or not UTF-8.

    Example:
    >>> encode_text("be", Vocabulary.build("to be")).tolist()
    [2, 3]
    """
    blocks = partial(_blocks, source, vocabulary.unit)
    if not any(split(block, vocabulary.unit) for block in blocks()):
        raise _empty(source, vocabulary.unit)
    return _encode(source, blocks, vocabulary, None)


def _empty(source: str | Path, unit: str) -> DataError:
    name = repr(str(source)) if isinstance(source, Path) else "The text"
    return DataError(f"{name} holds no {unit}. Give a text that is not empty.")


def _encode(
    source: str | Path,
    blocks: Callable[[], Iterator[str]],
    vocabulary: Vocabulary,
    directory: Path | None,
) -> np.ndarray:
    dtype = np.uint16 if len(vocabulary) <= 1 << 16 else np.int32
    encoded = (vocabulary.encode(block).astype(dtype) for block in blocks())
    if isinstance(source, str):
        return np.concatenate(list(encoded))
    return _on_disk(encoded, dtype, directory)


def _on_disk(
    encoded: Iterable[np.ndarray], dtype: DTypeLike, directory: Path | None
) -> np.memmap:
    """The arrays one after another in a file that nothing but the result refers to."""
    try:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as file:
            for ids in encoded:
                file.write(ids.data)
            file.flush()
            return np.memmap(file, dtype, mode="r")
    except OSError as error:
        place = str(directory or tempfile.gettempdir())
        raise DataError(
            f"The ids of a text cannot be written to {place!r} ({error.strerror}). "
            "Make room there, or name another directory."
        ) from None


def _first(blocks: Iterable[str], tokens: int, unit: str) -> Iterator[str]:
    """The beginning of a text, up to so many tokens."""
    for block in blocks:
        pieces = split(block, unit)
        if len(pieces) >= tokens:
            yield SEPARATORS[unit].join(pieces[:tokens])
            return
        yield block
        tokens -= len(pieces)


def _blocks(source: str | Path, unit: str) -> Iterator[str]:
    """A text in pieces that no token crosses."""
    if isinstance(source, Path):
        blocks = _read(source)
    else:
        blocks = (source[i : i + BLOCK] for i in range(0, len(source), BLOCK))
    return whole_words(blocks) if unit == "words" else blocks


def _read(path: Path) -> Iterator[str]:
    """A file's text, a block at a time."""
    utf8 = codecs.getincrementaldecoder("utf-8-sig")()
    decoder = io.IncrementalNewlineDecoder(utf8, translate=True)
    read = 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                read += len(block)
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
    except FileNotFoundError:
        raise DataError(f"There is no text file {str(path)!r}.") from None
    except IsADirectoryError:
        raise DataError(
            f"{str(path)!r} is a directory. Name a text file in it."
        ) from None
    except OSError as error:
        raise DataError(
            f"{str(path)!r} cannot be read ({error.strerror}). Name another text file."
        ) from None
    except UnicodeDecodeError as error:
        offset = read - len(error.object) + error.start
        raise DataError(
            f"{str(path)!r} is not UTF-8 text: byte {error.object[error.start]:#04x} "
            f"at offset {offset}. Convert it to UTF-8, or name a text file."
        ) from None
