"""What Ray Serve refuses by itself, in the words of the protocol."""

import json

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OURS = "application/json"
_LOST = "What computed this answer was lost. Ask again."


class Refusals:
    """Wraps a proxy of Ray Serve, whose own errors are plain text or nothing at all.

    A replica that is lost takes its unanswered requests along. Ray Serve answers those
    500; here they become 503 with a `Retry-After`, for they may be sent again: a
    prediction changes nothing.

    Args:
        app: the proxy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        await self._app(scope, receive, answer.pass_on)
        if not answer.started:
            await _refuse(send, 503, _LOST)


class _Answer:
    """One answer on its way to the client."""

    def __init__(self, send: Send) -> None:
        self.started = False
        self._send = send
        self._refused: int | None = None
        self._words = b""

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if _is_of_ray(message):
                self._refused = message["status"]
                return
        if self._refused is None:
            await self._send(message)
            return
        self._words += message.get("body", b"")
        if not message.get("more_body", False):
            words = self._words.decode(errors="replace")
            await _refuse(self._send, self._refused, words)


def _is_of_ray(start: Message) -> bool:
    kind = Headers(raw=[tuple(pair) for pair in start["headers"]]).get("content-type")
    return start["status"] >= 400 and (kind or "").startswith("text/plain")


async def _refuse(send: Send, status: int, words: str) -> None:
    body = json.dumps({"error": words}).encode()
    headers = [
        (b"content-type", _OURS.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    if status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def middlewares() -> list[Middleware]:
    """For `RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH`, on every node of a cluster."""
    return [Middleware(Refusals)]
