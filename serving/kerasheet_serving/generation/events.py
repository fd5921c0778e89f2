"""Server-sent events: an answer in parts, as browsers read it (WHATWG HTML, 9.2)."""

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Scope

MEDIA_TYPE = "text/event-stream"


def accepts_events(scope: Scope) -> bool:
    """Whether the client of a request says that it takes events."""
    accepted = Headers(scope=scope).get("accept", "").lower().split(",")
    return any(one.split(";")[0].strip() == MEDIA_TYPE for one in accepted)


def event(data: Any, name: str = "") -> bytes:
    """One event.

    Args:
        data: as JSON, which has no line breaks.
        name: of the event; none for an ordinary message.
    """
    first = f"event: {name}\n" if name else ""
    return f"{first}data: {json.dumps(data)}\n\n".encode()


def start() -> Message:
    """The start of an answer, which no cache or proxy is to keep back."""
    headers = (
        (b"content-type", MEDIA_TYPE.encode()),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    )
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


def part(events: bytes, more: bool = True) -> Message:
    """Some events, and whether more follow."""
    return {"type": "http.response.body", "body": events, "more_body": more}
