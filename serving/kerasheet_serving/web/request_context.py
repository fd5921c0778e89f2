"""What every request gets: an id, safe headers, some answer, a count, a log line."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable
from random import Random
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerasheet_serving.errors import Unavailable
from kerasheet_serving.logs import FIELDS, request_id
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.web.draining import Draining
from kerasheet_serving.web.refusals import refusal
from kerasheet_serving.web.served import Served, begin_served

_log = logging.getLogger(__name__)

_ids = Random()  # not Python's own, which is another's whose application mounts this
os.register_at_fork(after_in_child=_ids.seed)

_FAILED = 500
_HEADER = b"x-request-id"
_SANE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
_JSON = (b"content-type", b"application/json")
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_LAST = (b"connection", b"close")
_FOR_BROWSERS = (
    _NO_SNIFFING,
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        b"img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
        b"frame-ancestors 'none'",
    ),
)


class RequestContext:
    """Wraps an application, around everything else.

    The id is the client's `X-Request-ID` if that is of up to 128 letters, digits and
    `._:/+=@-`, or else made. It is in the answer and in whatever is logged meanwhile.
    Every request is counted, and logged at the level of information, one that fails at
    that of errors; never with its query, its headers or its body.

    Args:
        app: the application.
        draining: whether answers are the last of their connections.
        metrics: where answers are counted, and how long they took.
        clock: tells seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        draining: Draining,
        metrics: Metrics,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._draining = draining
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = _identity(scope)
        name = identity.decode()
        request_id.set(name)
        served = begin_served(scope)
        status = 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = self._named(message, identity)
            await send(message)

        begin = self._clock()
        try:
            await self._app(scope, receive, send_named)
        except asyncio.CancelledError:
            if status or not self._draining.begun:
                raise
            await refusal(_stopped(), "")(scope, receive, send_named)
        except Exception as error:
            _log.exception("Failed to answer %s, request %s", _path(scope), name)
            if status:
                raise
            await refusal(error, "")(scope, receive, send_named)
        finally:
            seconds = self._clock() - begin
            self._metrics.count_request(
                served.model, served.version, served.method, status or _FAILED, seconds
            )
            if _log.isEnabledFor(logging.INFO):
                _log_request(scope, status, seconds, served, name)

    def _named(self, message: Message, identity: bytes) -> Message:
        """The start of an answer with the headers that every answer has."""
        headers = list(message.get("headers", ()))
        safe = (_NO_SNIFFING,) if _JSON in headers else _FOR_BROWSERS
        last = (_LAST,) if self._draining.begun and _LAST not in headers else ()
        return {**message, "headers": [*headers, (_HEADER, identity), *safe, *last]}


def sane_id(shown: bytes) -> bytes:
    """The id that a client shows, or a new one if that is none."""
    return shown if _SANE.fullmatch(shown) else b"%016x" % _ids.getrandbits(64)


def _identity(scope: Scope) -> bytes:
    return sane_id(dict(scope["headers"]).get(_HEADER, b""))


def _path(scope: Scope) -> str:
    """The path as it was sent: what a client encodes stays in one line of the log."""
    raw = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.decode("ascii", "replace")


def _stopped() -> Unavailable:
    return Unavailable("The server stops and had no more time for this. Ask another.")


def _log_request(
    scope: Scope, status: int, seconds: float, served: Served, identity: str
) -> None:
    method, path = scope["method"], _path(scope)
    members = {
        "method": method,
        "path": path,
        "status": status,
        "seconds": round(seconds, 6),
        "model": served.model or None,
        "version": served.version,
    }
    words = "%s %s %d in %.4f s, request %s"
    _log.info(words, method, path, status, seconds, identity, extra={FIELDS: members})
