"""A text becomes three rows of ids, in memory or on disk."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasheet.language.corpus as corpus_module
from kerasheet.errors import DataError
from kerasheet.language import Vocabulary, encode_text, make_corpus

units = st.sampled_from(["characters", "words"])
texts = st.text(st.sampled_from("ab c\n€\U0001f600\u3000\ufeff"), max_size=60)


def by_definition(text, unit, tokens=None):
    """The three parts of a text, as lists of tokens."""
    pieces = text.split() if unit == "words" else list(text)
    end, test = len(pieces) * 8 // 10, len(pieces) * 9 // 10
    return pieces[:end][:tokens], pieces[end:test], pieces[test:]


def check(corpus, parts):
    assert set(corpus.vocabulary.tokens) == {"<unk>", *parts[0]}
    ids = {token: id_ for id_, token in enumerate(corpus.vocabulary.tokens)}
    for row, part in zip(
        (corpus.train, corpus.validation, corpus.test), parts, strict=True
    ):
        assert row.tolist() == [ids.get(token, 0) for token in part]
        assert row.dtype == np.uint16


@given(texts, units, st.none() | st.integers(1, 20), st.integers(1, 7))
@settings(deadline=None)
def test_is_what_the_definition_says_whatever_the_blocks(text, unit, tokens, size):
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as home:
        patch.setattr(corpus_module, "BLOCK", size)
        path = Path(home) / "a.txt"
        path.write_bytes(text.encode())
        parts = by_definition(text, unit, tokens)
        if parts[2]:
            check(make_corpus(text, unit=unit, tokens=tokens), parts)
        parts = by_definition(text.removeprefix("\ufeff"), unit, tokens)
        if parts[2]:
            check(make_corpus(path, unit=unit, tokens=tokens), parts)


def test_the_parts_are_consecutive_and_the_test_part_is_the_tail():
    corpus = make_corpus("aaaaaaaabc")
    assert corpus.vocabulary.tokens == ("<unk>", "a")
    assert corpus.train.tolist() == [1] * 8
    assert corpus.validation.tolist() == [0]  # what training never saw
    assert corpus.test.tolist() == [0]


def test_rare_tokens_are_counted_in_the_training_part_alone():
    corpus = make_corpus("a a b b b b b c d d", unit="words", min_frequency=2)
    assert corpus.vocabulary.tokens == ("<unk>", "b", "a")


def test_fewer_training_tokens_leave_the_other_parts_as_they_are():
    corpus = make_corpus("abcdefgh" + "xa", tokens=3)
    assert corpus.vocabulary.decode(corpus.train) == "abc"
    assert (len(corpus.validation), len(corpus.test)) == (1, 1)


def test_the_ids_of_a_file_stay_on_disk_and_leave_nothing_behind(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("to be or not to be " * 100)
    directory = tmp_path / "new" / "ids"
    corpus = make_corpus(path, unit="words", directory=directory)
    assert isinstance(corpus.train, np.memmap)
    assert list(directory.iterdir()) == []
    assert corpus.vocabulary.decode(corpus.train[:6]) == "to be or not to be"


def test_lines_may_end_as_on_any_system(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone\r\ntwo\rthree\n".encode())
    whole = make_corpus("one\ntwo\nthree\n")
    corpus = make_corpus(path)
    assert corpus.vocabulary == whole.vocabulary
    assert corpus.test.tolist() == whole.test.tolist()


def test_more_tokens_than_16_bits_can_number_take_32(tmp_path):
    path = tmp_path / "a.txt"
    for count, dtype in ((65_535, np.uint16), (65_536, np.int32)):
        words = [str(number) for number in range(count)]
        path.write_text(" ".join(words + ["0"] * (count // 4 + 1)))
        corpus = make_corpus(path, unit="words")
        assert len(corpus.vocabulary) == count + 1
        assert corpus.train.dtype == dtype
        assert corpus.vocabulary.decode(corpus.train[-9:]) == " ".join(words[-9:])


def refusal(source, **options):
    with pytest.raises(DataError) as error:
        make_corpus(source, **options)
    return str(error.value)


def test_refuses_an_empty_text(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(" \n")
    assert refusal("") == "The text holds no characters. Give a text that is not empty."
    assert refusal(path, unit="words") == (
        f"'{path}' holds no words. Give a text that is not empty."
    )


def test_refuses_an_empty_text_for_a_vocabulary_that_is_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(" \n")
    for source, unit, name in (
        ("", "characters", "The text"),
        (" ", "words", "The text"),
        (path, "words", f"'{path}'"),
    ):
        with pytest.raises(DataError) as error:
            encode_text(source, Vocabulary.build("to be", unit))
        assert str(error.value) == (
            f"{name} holds no {unit}. Give a text that is not empty."
        )


def test_refuses_a_text_all_of_whose_tokens_are_rare():
    """What is left would always be certain of `<unk>`: a perplexity of 1."""
    assert refusal("to be or not to be", min_frequency=9) == (
        "None of the 14 characters to train on occurs min_frequency=9 times, which "
        "leaves no vocabulary. Lower it."
    )


def test_refuses_what_is_no_file(tmp_path):
    path = tmp_path / "no.txt"
    assert refusal(path) == f"There is no text file '{path}'."
    assert refusal(tmp_path) == (
        f"'{tmp_path}' is a directory. Name a text file in it."
    )
    path.touch()
    assert refusal(path / "a.txt") == (
        f"'{path}/a.txt' cannot be read (Not a directory). Name another text file."
    )


@pytest.mark.parametrize("size", [1, 4, 1 << 20])
@pytest.mark.parametrize(
    ("content", "byte", "offset"),
    [
        (b"\xff", "0xff", 0),
        (b"abcd\x80", "0x80", 4),
        ("\ufeffa€".encode() + b"\xe2\x82", "0xe2", 7),  # cut off at the end
        ("€€".encode() + b"\xe2a", "0xe2", 6),
        (b"\x00caf\xe9 au lait", "0xe9", 4),  # Latin-1
    ],
)
def test_names_the_byte_that_is_not_utf_8(
    tmp_path, monkeypatch, content, byte, offset, size
):
    monkeypatch.setattr(corpus_module, "BLOCK", size)
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    assert refusal(path) == (
        f"'{path}' is not UTF-8 text: byte {byte} at offset {offset}. "
        "Convert it to UTF-8, or name a text file."
    )


def test_refuses_a_directory_that_cannot_take_the_ids(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a")
    assert refusal(path, directory=path) == (
        f"The ids of a text cannot be written to '{path}' (File exists). "
        "Make room there, or name another directory."
    )


def test_refuses_arguments_out_of_range():
    assert refusal("a", unit="word") == (
        "Unknown unit 'word'. Did you mean 'words'? Known: characters, words."
    )
    assert refusal("a", min_frequency=0) == (
        "min_frequency is a positive int. Received: 0. Give 1 to keep every token."
    )
    assert refusal("a", tokens=0) == (
        "tokens is a positive int. Received: 0. Leave it out to keep all."
    )


PEAK = """
import re, sys
from pathlib import Path
from kerasheet.language import make_corpus

def peak():  # of this process alone; getrusage begins at what its parent had taken
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = peak()
corpus = make_corpus(Path(sys.argv[1]), unit=sys.argv[2])
taken = peak() - before
control = bytearray(200_000_000)
print(len(corpus.train), taken * 1024, (peak() - before) * 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory in /proc")
@pytest.mark.parametrize("unit", ["characters", "words"])
@pytest.mark.parametrize(
    ("megabytes", "bound"),
    [(20, 60e6), pytest.param(200, 100e6, marks=pytest.mark.soak)],
)
def test_a_file_of_any_size_takes_little_memory(tmp_path, megabytes, bound, unit):
    path = tmp_path / "a.txt"
    text = "the time traveller for so it will be convenient to speak of him\n" * 1000
    blocks = megabytes * 10**6 // len(text)
    with path.open("w") as file:
        for _ in range(blocks):
            file.write(text)
    command = [sys.executable, "-c", PEAK, path, unit]
    output = subprocess.check_output(command, text=True)
    tokens, taken, control = map(int, output.split())
    assert tokens == blocks * len(text.split() if unit == "words" else text) * 8 // 10
    assert taken < bound
    assert control > 190e6  # the measure does see what is taken
