"""JSON that is parsed without an object for every number: what most requests are.

Whatever may be refused, and whatever is less common, is left to `parse_object`: one of
`REFUSED` is raised, or a reader that uses this returns None.
"""

from typing import TYPE_CHECKING

import numpy as np

from kerasheet_serving.dtypes import Array

if TYPE_CHECKING:
    import simdjson

MOST_BYTES = 16 * 1024 * 1024
"""Of a body: the parser's memory is many times as much."""

REFUSED = (ValueError, TypeError, KeyError, RuntimeError)
"""Whatever simdjson raises, and what its readers do."""


def parse(body: bytes) -> "simdjson.Object":
    """The object that a body is, and nothing behind it."""
    import simdjson  # a hundredth of the start of the server

    document = simdjson.Parser().parse(body)
    if not isinstance(document, simdjson.Object):
        raise TypeError
    return document


def numbers_of(value: object) -> Array:
    """The numbers of a list, in float64, flat; whatever lists they are in."""
    import simdjson

    if not isinstance(value, simdjson.Array):
        raise TypeError
    return np.frombuffer(value.as_buffer(of_type="d"), np.float64)
