"""A body that is one list of numbers, read without an object for every number."""

import math

from kerasheet_serving.dtypes import Array
from kerasheet_serving.fast_json import MOST_BYTES, REFUSED, numbers_of, parse

_MAX_RANK = 64  # of a NumPy array
_SIGNATURE = "signature_name"
_LISTS = ("instances", "inputs")
_BUT_LISTS = bytes(set(range(256)) - set(b"[],"))


def read_lists(body: bytes, signature: str) -> tuple[str, Array] | None:
    """Read what most requests are, a list of numbers, many times as fast as others.

    All that may be refused, and all that is less common, is left to `parse_object`.

    Args:
        body: of the request.
        signature: name of a signature, without brackets, that it may give as its own.

    Returns:
        `"instances"` or `"inputs"`, and its numbers, in float64 and in the lists'
        shape; None if the body is no JSON object that holds only a regular, nested list
        of numbers by one of these names.
    """
    if len(body) > MOST_BYTES:
        return None
    try:
        found = _find_list(body, signature)
    except REFUSED:
        return None
    if found is None:
        return None
    name, numbers = found
    lists = body[body.index(b"[") : body.rindex(b"]") + 1]
    shape = _shape(lists.translate(None, _BUT_LISTS))
    if not numbers.size or shape is None or math.prod(shape) != numbers.size:
        return None
    return name, numbers.reshape(shape)


def _find_list(body: bytes, signature: str) -> tuple[str, Array] | None:
    """The name of the list, and its numbers, flat; whatever lists they are in."""
    document = parse(body)
    names = list(document)
    if _SIGNATURE in names and document[_SIGNATURE] == signature:
        names.remove(_SIGNATURE)  # what else is there under this name is refused
    if len(names) != 1 or names[0] not in _LISTS:
        return None
    return names[0], numbers_of(document[names[0]])


def _shape(text: bytes) -> list[int] | None:
    """Sizes of nested lists that are all alike, by their brackets and commas alone."""
    rank = len(text) - len(text.lstrip(b"["))
    if rank > _MAX_RANK:
        return None
    shape: list[int] = []
    one = b""  # of what the lists of a level hold
    for level in range(1, rank + 1):
        end = text.find(b"]" * level) + level
        count = (end - (rank - level) - 1) // (len(one) + 1)
        one = b"[" + b",".join([one] * count) + b"]"
        shape.insert(0, count)
    return shape if one == text else None
