"""The body of a request, as the JSON object it holds."""

import gzip
import io
import json
import zlib
from collections import Counter
from typing import Any

from kerasheet_serving.errors import InvalidArgument, RequestTooLarge

# A literal is told from a number too large for a double by being one of these objects.
NON_FINITE = {name: float(name) for name in ("NaN", "Infinity", "-Infinity")}

_WORDS = {
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": (
        "Missing a name for object member."
    ),
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Expecting ',' delimiter": "Missing a comma or closing bracket after a value.",
    "Unterminated string starting at": ("Missing a closing quotation mark in string."),
    "Invalid \\escape": "Invalid escape character in string.",
}
_SHOWN_CHARACTERS = 200


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo gzip, if that is the body's content encoding.

    Args:
        body: as received.
        encoding: value of the Content-Encoding header.
        limit: bytes it may decompress to.

    Raises:
        InvalidArgument: the body is not gzip.
        RequestTooLarge: it decompresses to more.
    """
    if encoding.strip().lower() != "gzip":
        return body
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidArgument(f"Cannot decompress the gzip body: {error}.") from error
    check_size(len(plain), limit)
    return plain


def check_size(size: int, limit: int) -> None:
    """Refuse a body of more than `limit` bytes."""
    if size > limit:
        raise RequestTooLarge(
            f"The request is larger than the {limit} bytes this server accepts. "
            "Send fewer instances at a time."
        )


def parse_object(body: bytes) -> dict[str, Any]:
    """Read the JSON object that `body` begins with; what follows it is ignored.

    Raises:
        InvalidArgument: there is no object, or it is malformed.
    """
    # Bytes that are not UTF-8 become surrogates, which only matter inside the object.
    text = body.decode("utf-8-sig", "surrogateescape")
    stripped = text.lstrip(" \t\r\n")
    if not stripped:
        raise _parse_error("The document is empty")
    try:
        document = _DECODER.raw_decode(stripped)[0]
        if not stripped.isascii() or "\\u" in stripped:
            _show(document).encode()
    except json.JSONDecodeError as error:
        words = _WORDS.get(error.msg, f"{error.msg}.")
        offset = error.pos + len(text) - len(stripped)
        raise _parse_error(f"{words} at offset: {offset}") from error
    except UnicodeEncodeError as error:
        raise _parse_error("Invalid encoding in string.") from error
    except ValueError as error:  # Python's limit on the digits of an integer
        raise number_too_big() from error
    except RecursionError as error:
        raise _parse_error("Too many levels of nesting.") from error
    if type(document) is not dict:
        raise InvalidArgument(f"JSON Value: {shown(document)} Is not object")
    return document


def shown(value: Any) -> str:
    """Write a JSON value into an error message, shortened if it is long."""
    try:
        text = _show(value)
    except RecursionError:  # the parser just managed; there is less stack left here
        return "..."
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return text[:_SHOWN_CHARACTERS] + "..."


def number_too_big() -> InvalidArgument:
    """Error for a number that no double can hold."""
    return _parse_error("Number too big to be stored in double.")


def _show(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _parse_error(words: str) -> InvalidArgument:
    return InvalidArgument(f"JSON Parse error: {words}")


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise _parse_error(f"Duplicate name of object member: {shown(twice)}")
    return members


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_members, parse_constant=NON_FINITE.__getitem__
)
