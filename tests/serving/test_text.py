"""Text to ids and back, by a manifest."""

import numpy as np
import pytest

from kerasheet_serving import InvalidArgument, Manifest, Tokenizer


def manifest(vocabulary=(), unit="characters"):
    return Manifest("m", 1, (), (), vocabulary=vocabulary, unit=unit)


def test_characters_are_numbered_and_what_is_unknown_is_zero():
    tokenizer = Tokenizer(manifest(("<unk>", "a", "b")))
    ids = tokenizer.encode("abxa")
    assert ids.dtype == np.int32
    assert ids.tolist() == [1, 2, 0, 1]
    assert tokenizer.decode(ids) == "ab<unk>a"


def test_words_are_split_at_spaces_and_joined_by_them():
    tokenizer = Tokenizer(manifest(("<unk>", "to", "be"), "words"))
    ids = tokenizer.encode(" to  be\nor")
    assert ids.tolist() == [1, 2, 0]
    assert tokenizer.decode(ids) == "to be <unk>"


def test_a_model_without_a_vocabulary_takes_no_text():
    with pytest.raises(InvalidArgument) as error:
        Tokenizer(manifest())
    assert str(error.value) == "Model 'm' has no vocabulary: it takes no text."
