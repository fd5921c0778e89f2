"""Server-sent events, as a client reads them: tokens of a text, and its end."""

import json
from collections.abc import Iterator
from typing import Any

from kerasheet_serving.errors import ServingError


class TokenReader:
    """Takes the bytes of a stream as they come, and gives the tokens in them.

    Attributes:
        done: whether the text has ended.
    """

    def __init__(self) -> None:
        self.done = False
        self._rest = b""

    def read(self, part: bytes) -> Iterator[str]:
        """The tokens that end in this part of the stream.

        Raises:
            ServingError: the server tells of an error.
        """
        *whole, self._rest = (self._rest + part).split(b"\n\n")
        for event in whole:
            name, data = _fields(event.decode())
            if name == "error":
                raise ServingError(str(data.get("error", data)))
            if name == "done":
                self.done = True
            else:
                yield data["text"]

    def finish(self) -> None:
        """Check that nothing is missing once the stream has ended.

        Raises:
            ServingError: the text has not.
        """
        if not self.done:
            raise ServingError(
                "The stream of tokens broke off before its end. Ask again."
            )


def _fields(event: str) -> tuple[str, dict[str, Any]]:
    fields = dict(line.split(": ", 1) for line in event.split("\n") if ": " in line)
    return fields.get("event", "message"), json.loads(fields.get("data", "{}"))
