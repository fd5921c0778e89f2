"""Tokens, their ids, and back."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasheet.errors import DataError
from kerasheet.language import Vocabulary
from kerasheet.language.tokens import whole_words

units = st.sampled_from(["characters", "words"])
texts = st.text(st.sampled_from("ab c\n€\U0001f600\u3000\x1f"), max_size=60)


def test_the_most_frequent_token_comes_first_and_ties_are_alphabetical():
    assert Vocabulary.build("banana b").tokens == ("<unk>", "a", "b", "n", " ")
    words = Vocabulary.build("to be or not to be", "words")
    assert words.tokens == ("<unk>", "be", "to", "not", "or")
    assert len(words) == 5


def test_a_rare_token_becomes_unknown():
    vocabulary = Vocabulary.build("to be or not to be", "words", min_frequency=2)
    assert vocabulary.tokens == ("<unk>", "be", "to")
    ids = vocabulary.encode("to be or not to be")
    assert ids.tolist() == [2, 1, 0, 0, 2, 1]
    assert ids.dtype == np.int32
    assert vocabulary.decode(ids) == "to be <unk> <unk> to be"


def test_the_word_for_the_unknown_is_the_unknown_itself():
    vocabulary = Vocabulary.build("<unk> a <unk>", "words")
    assert vocabulary.tokens == ("<unk>", "a")
    assert vocabulary.encode("<unk> a").tolist() == [0, 1]


@given(texts, units)
@settings(deadline=None)
def test_a_text_it_was_built_of_comes_back(text, unit):
    vocabulary = Vocabulary.build(text, unit)
    expected = " ".join(text.split()) if unit == "words" else text
    assert vocabulary.decode(vocabulary.encode(text)) == expected
    assert vocabulary.unknown(text) == ()


@given(texts, texts, units)
@settings(deadline=None)
def test_encodes_as_a_dictionary_would(known, text, unit):
    vocabulary = Vocabulary.build(known, unit)
    tokens = text.split() if unit == "words" else list(text)
    ids = {token: id_ for id_, token in enumerate(vocabulary.tokens)}
    assert vocabulary.encode(text).tolist() == [ids.get(token, 0) for token in tokens]
    missing = [token for token in dict.fromkeys(tokens) if token not in ids]
    assert vocabulary.unknown(text) == tuple(missing)


@given(st.lists(texts, max_size=5), units, st.integers(1, 3))
@settings(deadline=None)
def test_is_the_same_in_blocks_as_in_one_piece(blocks, unit, min_frequency):
    text = "".join(blocks)
    vocabulary = Vocabulary.build(iter(blocks), unit, min_frequency)
    assert vocabulary == Vocabulary.build(text, unit, min_frequency)
    counts = Counter(text.split() if unit == "words" else text)
    kept = {token for token in counts if counts[token] >= min_frequency}
    assert set(vocabulary.tokens) == kept | {"<unk>"}


@given(st.lists(texts, max_size=8))
@settings(deadline=None)
def test_blocks_of_whole_words_are_the_same_text_and_cut_no_word(blocks):
    whole = list(whole_words(blocks))
    assert "".join(whole) == "".join(blocks)
    words = [word for block in whole for word in block.split()]
    assert words == "".join(blocks).split()


@given(texts, units)
@settings(deadline=None)
def test_survives_json(text, unit):
    vocabulary = Vocabulary.build(text, unit)
    written = json.dumps(vocabulary.to_json())
    assert Vocabulary.from_json(json.loads(written)) == vocabulary


def test_lone_surrogates_are_characters_like_any_other():
    vocabulary = Vocabulary.build("a\ud800")
    assert vocabulary.decode(vocabulary.encode("\ud800a")) == "\ud800a"


def refusal(function, *arguments):
    with pytest.raises(DataError) as error:
        function(*arguments)
    return str(error.value)


@pytest.mark.parametrize(
    ("ids", "received"),
    [
        ([0, 3], "id 3"),
        ([-1, 0], "id -1"),
        ([0.0], "float64 of shape (1,)"),
        ([[0]], "int64 of shape (1, 1)"),
        (["a"], "<U1 of shape (1,)"),
        (1, "int64 of shape ()"),
    ],
)
def test_refuses_to_decode_what_are_not_its_ids(ids, received):
    assert refusal(Vocabulary.build("ab").decode, ids) == (
        "Vocabulary.decode takes a row of ids from 0 to 2. Received: "
        f"{received}. Encode the text with the vocabulary it belongs to."
    )


def test_no_ids_are_no_text():
    assert Vocabulary.build("ab").decode([]) == ""


@pytest.mark.parametrize(
    ("tokens", "unit", "received"),
    [
        ([], "words", "None at id 0"),
        (["a"], "characters", "'a' at id 0"),
        (["<unk>", "ab"], "characters", "'ab' at id 1"),
        (["<unk>", "a", "a"], "characters", "'a' at id 2"),
        (["<unk>", "a b"], "words", "'a b' at id 1"),
        (["<unk>", ""], "words", "'' at id 1"),
        (["<unk>", "<unk>"], "words", "'<unk>' at id 1"),
        (["<unk>", 5], "words", "5 at id 1"),
        (["<unk>", ["a"]], "words", "['a'] at id 1"),
    ],
)
def test_refuses_tokens_that_make_no_vocabulary(tokens, unit, received):
    sentence = (
        f"A vocabulary of {unit} is '<unk>' and then {unit}, each once. "
        f"Received: {received}. Build it anew."
    )
    assert refusal(Vocabulary, tokens, unit) == sentence
    assert refusal(Vocabulary.from_json, {"unit": unit, "tokens": tokens}) == sentence


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (None, "None"),
        ([], "[]"),
        ({}, "{}"),
        ({"unit": "words"}, "{'unit': 'words'}"),
        ({"tokens": [], "unit": 1}, "{'tokens': [], 'unit': 1}"),
        ({"tokens": "<unk>", "unit": ""}, "{'tokens': '<unk>', 'unit': ''}"),
        (
            {"more": 1, "tokens": ["<unk>"], "unit": "words"},
            "{'more': 1, 'tokens': ['<unk>'], 'unit': 'words'}",
        ),
        (["a"] * 1000, "['a', 'a', 'a', 'a', 'a', 'a', ...]"),
    ],
)
def test_refuses_json_of_another_form(content, received):
    assert refusal(Vocabulary.from_json, content) == (
        'A vocabulary is written as {"unit": "…", "tokens": ["<unk>", "…"]}. '
        f"Received: {received}. Build it anew."
    )


def test_refuses_an_unknown_unit():
    sentence = "Unknown unit 'word'. Did you mean 'words'? Known: characters, words."
    assert refusal(Vocabulary.build, "a b", "word") == sentence
    assert refusal(Vocabulary, ["<unk>"], "word") == sentence


@pytest.mark.parametrize("value", [0, -1, 1.5, True, None])
def test_refuses_a_minimal_frequency_that_is_none(value):
    assert refusal(Vocabulary.build, "a", "words", value) == (
        f"min_frequency is a positive int. Received: {value!r}. "
        "Give 1 to keep every token."
    )
