"""What every call over gRPC gets: a key check, limits, an id, a count, some answer."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, TypeVar

import grpc

from kerasheet_serving.api_keys import require_key
from kerasheet_serving.errors import DeadlineExceeded, ServingError, Unauthenticated
from kerasheet_serving.logs import FIELDS, request_id
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.request_context import sane_id
from kerasheet_serving.web.request_limits import busy, full
from kerasheet_serving.web.served import Served

_log = logging.getLogger(__name__)

T = TypeVar("T")

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

    def is_open(self, method: str, metadata: Mapping[str, Any]) -> bool:
        """Whether a call may be answered, as far as keys go."""
        try:
            self._require_key(method, metadata)
        except Unauthenticated:
            return False
        return True

    async def answer(
        self,
        context: Any,
        method: str,
        size: int,
        work: Callable[[Served], Awaitable[T]],
    ) -> T:
        """Answer one call.

        Args:
            context: of the call.
            method: of the service that is called.
            size: of what was sent, in bytes.
            work: makes the answer, and notes who does.
        """
        metadata = dict(context.invocation_metadata() or ())
        name = sane_id(str(metadata.get("x-request-id", "")).encode()).decode()
        request_id.set(name)
        context.set_trailing_metadata((("x-request-id", name),))
        served, status, begin = Served(), _FAILED, self._clock()
        self._running += 1
        self._held += size
        try:
            self._require_key(method, metadata)
            if method not in _OPEN:
                self._check()
            result = await self._in_time(context, work(served))
            status = 200
            return result
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
            self._running -= 1
            self._held -= size
            seconds = self._clock() - begin
            self._metrics.count_request(
                served.model, served.version, served.method, status, seconds
            )
            _log_call(method, status, seconds, served, name)

    def _require_key(self, method: str, metadata: Mapping[str, Any]) -> None:
        keys = self._settings.api_keys
        if keys and method not in _OPEN:
            authorization = metadata.get("authorization")
            require_key(keys, authorization, metadata.get("x-api-key"))

    def _check(self) -> None:
        settings = self._settings
        if self._running > settings.max_requests:
            raise busy(settings.max_requests)
        if self._held > settings.max_held_bytes:
            raise full(self._held, settings.max_held_bytes)

    async def _in_time(self, context: Any, work: Awaitable[T]) -> T:
        """Wait until the client's deadline, or as long as any request may take."""
        seconds = self._settings.request_seconds
        remaining = context.time_remaining()
        if remaining is not None:
            seconds = min(seconds, max(remaining, 0.0))
        try:
            async with asyncio.timeout(seconds) as limit:
                return await work
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
