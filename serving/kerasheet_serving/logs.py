"""What the server says while it runs: lines of text, or one JSON object a line."""

import json
import logging
import sys
import time
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; empty outside of one."""

FIELDS = "kerasheet"
"""Attribute of a record that holds members of its JSON object."""


def start_logging(program: str, style: str, level: str) -> None:
    """Write what is logged to standard error.

    Args:
        program: name that lines of text begin with.
        style: `text` or `json`.
        level: the least serious that is written, such as `warning`.
    """
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(f"{program}: %(message)s")
    handler.setFormatter(JsonLines() if style == "json" else formatter)
    logging.basicConfig(handlers=[handler], level=level.upper())


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, and more.

    The time is in UTC. Within a request there is its id; a record's attribute named
    `FIELDS` adds members.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        seconds, milliseconds = int(record.created), int(record.msecs)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
        members = {
            "time": f"{stamp}.{milliseconds:03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            members["traceback"] = self.formatException(record.exc_info)
        present = {name: value for name, value in members.items() if value is not None}
        if not present["request_id"]:
            del present["request_id"]
        return json.dumps(present)
