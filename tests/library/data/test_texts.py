"""The texts that language models are trained on."""

import pytest

from kerasheet.data.pydocs import pydocs
from kerasheet.data.time_machine import time_machine
from kerasheet.errors import DataError


def test_pydocs_are_the_same_every_time_and_long_enough_to_learn_from():
    text = pydocs()
    assert text == pydocs()
    assert len(text) > 300_000
    assert "\n\n" in text
    assert text.index("assert") < text.index("yield")


def put(home, content):
    path = home / "datasets" / "timemachine.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def test_the_time_machine_is_letters_and_single_spaces(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    put(tmp_path, b"The Time Machine, by H. G. Wells [1898]\n\n\nI\n\n 'It's--so'\n")
    assert time_machine() == "the time machine by h g wellsiit s so"


def test_the_time_machine_may_have_lines_and_quotes_of_any_kind(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    put(tmp_path, "\ufeff“One”\r\ntwo caf\u00e9s\x85\u2028 three\rFour".encode())
    assert time_machine() == "onetwo caf s threefour"


def test_says_where_the_time_machine_should_be(tmp_path, monkeypatch):
    for variable, home in (("KERAS_HOME", tmp_path), ("HOME", tmp_path / ".keras")):
        monkeypatch.delenv("KERAS_HOME", raising=False)
        monkeypatch.setenv(variable, str(tmp_path))
        with pytest.raises(DataError) as error:
            time_machine()
        assert str(error.value) == (
            f"The Time Machine cannot be read from '{home}/datasets/timemachine.txt' "
            "(No such file or directory). Put the book there, or use --data pydocs."
        )
