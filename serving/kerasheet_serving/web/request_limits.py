"""How many requests are answered at once, and how long one may take."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerasheet_serving.errors import (
    DeadlineExceeded,
    RequestTimeout,
    ServerBusy,
    ServingError,
)
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.paths import is_watched, path_of
from kerasheet_serving.web.refusals import refusal

_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
_HOLD = "kerasheet.hold"
_PIECE = 64 * 1024  # bytes of an answer


def hold(scope: Scope, size: int) -> None:
    """Count what a request holds besides its body as it came.

    Args:
        scope: of the request.
        size: in bytes, until the answer is sent.

    Raises:
        ServerBusy: with that, more would be held than may be.
    """
    if _HOLD in scope:  # or nobody counts
        scope[_HOLD](size)


def busy(most: int) -> ServerBusy:
    """The refusal of a request beyond so many."""
    return ServerBusy(
        f"{most} requests are being answered, and no more may be. Ask again in "
        f"{ServerBusy.retry_after} s."
    )


def full(held: int, most: int) -> ServerBusy:
    """The refusal of a request with which so many bytes would be held."""
    return ServerBusy(
        f"The requests being answered have {held} bytes, more than the {most} that may "
        f"be held. Ask again in {ServerBusy.retry_after} s."
    )


class RequestLimits:
    """Wraps an application, and refuses what is too much or too slow.

    A request has `body_seconds` to come in, and then `request_seconds` until the answer
    begins; who answers it is then cancelled. Beyond `max_requests`, only health and
    metrics are answered. Bodies, and large answers, count among `max_held_bytes` until
    the client has taken the answer.

    Args:
        app: the application.
        settings: the limits.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._most = settings.max_requests
        self._body_seconds = settings.body_seconds
        self._request_seconds = settings.request_seconds
        self._most_held = settings.max_held_bytes
        self._running = self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        error: ServingError | None = None
        self._running += 1
        try:
            if self._running > self._most and not is_watched(path_of(scope)):
                error = busy(self._most)
            else:
                error = await self._answer_in_time(scope, receive, send)
        finally:
            self._running -= 1
        if error is not None:
            await refusal(error, "")(scope, receive, send)

    async def _answer_in_time(
        self, scope: Scope, receive: Receive, send: Send
    ) -> ServingError | None:
        """Answer, or tell what went wrong instead."""
        loop = asyncio.get_running_loop()
        held = 0
        is_whole = scope["method"] in _WITHOUT_BODY
        seconds = self._request_seconds if is_whole else self._body_seconds

        def count(size: int) -> None:
            nonlocal held
            held += size
            self._held += size
            if self._held > self._most_held:
                raise full(self._held, self._most_held)

        scope[_HOLD] = count

        async def receive_in_time() -> Message:
            nonlocal is_whole
            message = await receive()
            count(len(message.get("body", b"")))
            if not is_whole and not message.get("more_body", False):
                is_whole = True
                limit.reschedule(loop.time() + self._request_seconds)
            return message

        async def send_in_time(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                limit.reschedule(None)
            body = message.get("body", b"")
            if len(body) <= _PIECE:
                await send(message)
                return
            held += len(body)
            self._held += len(body)
            # In pieces, each of which waits until most of those before have gone out.
            for start in range(0, len(body), _PIECE):
                piece = body[start : start + _PIECE]
                await send({**message, "body": piece, "more_body": True})
            await send({**message, "body": b""})

        try:
            async with asyncio.timeout(seconds) as limit:
                await self._app(scope, receive_in_time, send_in_time)
        except TimeoutError:
            if not limit.expired():
                raise
            return self._late(is_whole)
        finally:
            self._held -= held
        return None

    def _late(self, is_whole: bool) -> ServingError:
        if is_whole:
            return DeadlineExceeded(
                f"There was no answer within {self._request_seconds:g} s."
            )
        return RequestTimeout(
            f"The request did not come in whole within {self._body_seconds:g} s."
        )
