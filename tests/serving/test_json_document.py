"""Bodies of requests: what is read, and what is refused."""

import gzip
import math

import pytest

from kerasheet_serving.errors import InvalidArgument, RequestTooLarge
from kerasheet_serving.json_document import decompress, parse_object, shown


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": [1]}',
        b' \t\r\n{"a": [1]}',
        b'\xef\xbb\xbf{"a": [1]}',
        b'{"a": [1]} and more',
        b'{"a": [1]}}',
        b'{"a": [1]}\x00\xff\xfe',
    ],
)
def test_reads_the_object_a_body_begins_with(body):
    assert parse_object(body) == {"a": [1]}


def test_reads_numbers_that_are_not_finite():
    a, b, c = parse_object(b'{"a": [NaN, Infinity, -Infinity]}')["a"]
    assert math.isnan(a)
    assert (b, c) == (math.inf, -math.inf)


def test_reads_text_outside_ascii_and_surrogate_pairs():
    assert parse_object('{"a": ["é", "\\ud83d\\ude00"]}'.encode()) == {
        "a": ["é", "\N{GRINNING FACE}"]
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b" \n", "JSON Parse error: The document is empty"),
        (b"instances = [1, 2]", "JSON Parse error: Invalid value. at offset: 0"),
        (b' {"a": nope}', "JSON Parse error: Invalid value. at offset: 7"),
        (
            b"{a: 1}",
            "JSON Parse error: Missing a name for object member. at offset: 1",
        ),
        (
            b'{"a" 1}',
            "JSON Parse error: Missing a colon after a name of object member. "
            "at offset: 5",
        ),
        (
            b'{"a": [1 2]}',
            "JSON Parse error: Missing a comma or closing bracket after a value. "
            "at offset: 9",
        ),
        (
            b'{"a": "b',
            "JSON Parse error: Missing a closing quotation mark in string. "
            "at offset: 6",
        ),
        (
            b'{"a": "\\x"}',
            "JSON Parse error: Invalid escape character in string. at offset: 7",
        ),
        (b'{"a": "\xff"}', "JSON Parse error: Invalid encoding in string."),
        (b'{"a": "\\ud800"}', "JSON Parse error: Invalid encoding in string."),
        (
            b'{"a": 1, "b": 2, "a": 3}',
            'JSON Parse error: Duplicate name of object member: "a"',
        ),
        (
            b'{"a": ' + b"9" * 5000 + b"}",
            "JSON Parse error: Number too big to be stored in double.",
        ),
        (
            b'{"a": ' + b"[" * 100_000,
            "JSON Parse error: Too many levels of nesting.",
        ),
        (b"[1, 2]", "JSON Value: [1, 2] Is not object"),
        (b"null", "JSON Value: null Is not object"),
    ],
)
def test_refuses(body, message):
    with pytest.raises(InvalidArgument) as error:
        parse_object(body)
    assert str(error.value) == message


def test_decompresses_gzip_only_when_told():
    assert decompress(gzip.compress(b"{}"), " GZIP ", 2) == b"{}"
    assert decompress(b"{}", "", 2) == b"{}"
    assert decompress(b"{}", "identity", 2) == b"{}"


def test_refuses_a_body_that_is_not_the_gzip_it_claims_to_be():
    with pytest.raises(InvalidArgument) as error:
        decompress(b"{}", "gzip", 100)
    assert str(error.value) == (
        "Cannot decompress the gzip body: Not a gzipped file (b'{}')."
    )


def test_refuses_half_a_gzip_body():
    with pytest.raises(InvalidArgument) as error:
        decompress(gzip.compress(b"{}" * 100)[:-9], "gzip", 1000)
    assert str(error.value) == (
        "Cannot decompress the gzip body: Compressed file ended before the "
        "end-of-stream marker was reached."
    )


def test_refuses_a_small_body_that_decompresses_to_a_large_one():
    bomb = gzip.compress(bytes(10_000_000))
    with pytest.raises(RequestTooLarge) as error:
        decompress(bomb, "gzip", 100_000)
    assert str(error.value) == (
        "The request is larger than the 100000 bytes this server accepts. "
        "Send fewer instances at a time."
    )


def test_shortens_long_values_in_messages():
    assert shown([1, "é", None]) == '[1, "é", null]'
    assert shown("x" * 1000) == '"' + "x" * 199 + "..."


def test_leaves_out_of_messages_what_is_nested_too_deeply():
    value = []
    for _ in range(100_000):
        value = [value]
    assert shown(value) == "..."
