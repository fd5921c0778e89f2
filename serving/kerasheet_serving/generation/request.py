"""What a request to continue a text asks for."""

import sys
from dataclasses import dataclass
from typing import Any

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import shown
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.text import Tokenizer

MOST_CHARACTERS = 65_536
"""Of a prompt."""

MOST_TOKENS = 4096
"""That one request has written."""

_MEMBERS = ("prompt", "length", "temperature", "top_k", "seed", "stream")


@dataclass(frozen=True)
class Wanted:
    """A text to write, and how.

    Args:
        ids: (tokens,), int32, of the prompt.
        length: tokens to write.
        temperature: below 1 for safer, above for more surprising text; 0 always takes
            the likeliest token.
        top_k: how many of the likeliest tokens may be drawn.
        seed: same seed, same text.
    """

    ids: Array
    length: int
    temperature: float
    top_k: int
    seed: int


def is_streamed(document: dict[str, Any]) -> bool:
    """Whether a request wants the tokens as they come.

    Raises:
        InvalidArgument: it says so by something else than true or false.
    """
    stream = document.get("stream", False)
    if type(stream) is not bool:
        raise _refused("`stream` to be true or false", stream)
    return stream


def read_generation(document: dict[str, Any], manifest: Manifest) -> Wanted:
    """Read a request for a model.

    Args:
        document: its JSON object.
        manifest: of the model.

    Raises:
        InvalidArgument: the model takes no text, or a member is unknown, missing, or
            out of range.
    """
    tokenizer = Tokenizer(manifest)
    for name in document:
        if name not in _MEMBERS:
            raise InvalidArgument(
                f"Generating takes {', '.join(_MEMBERS)}. Received: {shown(name)}."
            )
    tokens = len(manifest.vocabulary)
    return Wanted(
        _prompt(document, tokenizer),
        _length(document.get("length", 100)),
        _temperature(document.get("temperature", 1.0)),
        _top_k(document.get("top_k"), tokens),
        _seed(document.get("seed", 0)),
    )


def _prompt(document: dict[str, Any], tokenizer: Tokenizer) -> Array:
    if "prompt" not in document:
        raise InvalidArgument("Generating needs a `prompt`. Received: none.")
    prompt = document["prompt"]
    if type(prompt) is not str:
        raise _refused("`prompt` to be a string", prompt)
    if len(prompt) > MOST_CHARACTERS:
        raise InvalidArgument(
            f"Generating needs a prompt of at most {MOST_CHARACTERS} characters. "
            f"Received: one of {len(prompt)}."
        )
    ids = tokenizer.encode(prompt)
    if not len(ids):
        raise _refused("a prompt of at least one token", prompt)
    return ids


def _length(length: Any) -> int:
    if type(length) is not int or not 1 <= length <= MOST_TOKENS:
        raise _refused(f"`length` to be a whole number from 1 to {MOST_TOKENS}", length)
    return length


def _temperature(temperature: Any) -> float:
    is_number = type(temperature) in (int, float)
    if not is_number or not 0 <= temperature <= sys.float_info.max:
        raise _refused("`temperature` to be 0 or more", temperature)
    return float(temperature)


def _top_k(top_k: Any, tokens: int) -> int:
    if top_k is None:
        return tokens - 1
    if type(top_k) is not int or not 1 <= top_k < tokens:
        raise _refused(
            f"`top_k` from 1 to {tokens - 1}, the tokens of the vocabulary besides "
            "<unk>",
            top_k,
        )
    return top_k


def _seed(seed: Any) -> int:
    if type(seed) is not int or not -(2**31) <= seed < 2**31:
        raise _refused("`seed` to be a whole number of 32 bits", seed)
    return seed


def _refused(what: str, received: Any) -> InvalidArgument:
    return InvalidArgument(f"Generating needs {what}. Received: {shown(received)}.")
