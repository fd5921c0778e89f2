"""What every call over gRPC gets: a key check, limits, an id, a count, some answer."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn

import grpc
import grpc.aio

from kerasheet_serving.api_keys import require_key
from kerasheet_serving.errors import (
    DeadlineExceeded,
    InvalidArgument,
    RequestTimeout,
    ServingError,
)
from kerasheet_serving.logs import FIELDS, request_id
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.request_context import sane_id
from kerasheet_serving.web.request_limits import busy, full
from kerasheet_serving.web.served import Served

_log = logging.getLogger(__name__)

_OPEN = ("ServerLive", "ServerReady")
_CLIENT_LEFT = 499
_FAILED = 500


class Calls:
    """Answers calls as the application answers requests: same limits and sentences.

    Args:
        settings: the limits, and the hashes of the keys that are known.
        metrics: where calls are counted, with the HTTP status of their error.
        clock: tells seconds.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._running = self._held = 0

    async def answer(
        self, context: Any, method: str, work: Callable[[Any, Served], Awaitable[Any]]
    ) -> None:
        """Answer one call: check it, read its message, and write the answer.

        Args:
            context: of the call, as of a stream whose messages come with their size.
            method: of the service that is called.
            work: makes the answer of the message, and notes who does.
        """
        metadata = dict(context.invocation_metadata() or ())
        name = sane_id(str(metadata.get("x-request-id", "")).encode()).decode()
        request_id.set(name)
        context.set_trailing_metadata((("x-request-id", name),))
        served, status, begin = Served(), _FAILED, self._clock()
        counts = method not in _OPEN
        self._running += counts
        try:
            self._check(method, metadata)
            served.size, message = await self._read(context)
            self._held += served.size
            if self._held > self._settings.max_held_bytes and counts:
                raise full(self._held, self._settings.max_held_bytes)
            await self._in_time(context, self._reply(context, work(message, served)))
            status = 200
        except ServingError as error:
            status = error.status
            await _refuse(context, error, name)
        except asyncio.CancelledError:
            status = _CLIENT_LEFT
            raise
        except Exception:
            _log.exception("Failed to answer %s", method)
            failure = ServingError("The server failed; its log says how.")
            await _refuse(context, failure, name)
        finally:
            self._running -= counts
            self._held -= served.size
            seconds = self._clock() - begin
            self._metrics.count_request(
                served.model, served.version, served.method, status, seconds
            )
            _log_call(method, status, seconds, served, name)

    def _check(self, method: str, metadata: Mapping[str, Any]) -> None:
        settings = self._settings
        if method in _OPEN:
            return
        if settings.api_keys:
            authorization = metadata.get("authorization")
            require_key(settings.api_keys, authorization, metadata.get("x-api-key"))
        if self._running > settings.max_requests:
            raise busy(settings.max_requests)

    async def _read(self, context: Any) -> tuple[int, Any]:
        """The message of a call, and its size in bytes."""
        seconds = self._settings.body_seconds
        try:
            async with asyncio.timeout(seconds) as limit:
                read: tuple[int, Any] = await context.read()
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise RequestTimeout(
                f"The request did not come in whole within {seconds:g} s."
            ) from error
        if read is grpc.aio.EOF:
            raise InvalidArgument("The call has no message.")
        return read

    async def _reply(self, context: Any, work: Awaitable[Any]) -> None:
        await context.write(await work)

    async def _in_time(self, context: Any, work: Awaitable[None]) -> None:
        """Wait until the client's deadline, or as long as any request may take."""
        seconds = self._settings.request_seconds
        remaining = context.time_remaining()
        if remaining is not None:
            seconds = min(seconds, max(remaining, 0.0))
        try:
            async with asyncio.timeout(seconds) as limit:
                await work
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise DeadlineExceeded(
                f"There was no answer within {seconds:g} s."
            ) from error


async def _refuse(context: Any, error: ServingError, name: str) -> NoReturn:
    trailing = [("x-request-id", name)]
    if error.retry_after is not None:  # what gRPC's own retries go by
        trailing.append(("grpc-retry-pushback-ms", str(1000 * error.retry_after)))
    await context.abort(grpc.StatusCode[error.code], str(error), tuple(trailing))
    raise AssertionError("abort raises")


def _log_call(
    method: str, status: int, seconds: float, served: Served, name: str
) -> None:
    members = {
        "method": method,
        "status": status,
        "seconds": round(seconds, 6),
        "model": served.model or None,
        "version": served.version,
    }
    words = "gRPC %s %d in %.4f s, request %s"
    _log.info(words, method, status, seconds, name, extra={FIELDS: members})
