"""Connections on which a time limit is for all of an answer, not for each read."""

import threading
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any, Protocol

import httpcore

_PART = 64 * 1024  # bytes sent between one look at the limit and the next


class Limit(Protocol):
    """A time limit, handed to the connection in place of a number of seconds."""

    def left(self) -> float:
        """Seconds that the next operation may take."""


class Deadline:
    """Ends at a time, however many operations there are until then."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return max(self._end - time.monotonic(), 0.0)


class Each:
    """Lets each operation take as long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def left(self) -> float:
        return self._seconds


class LimitedBackend(httpcore.NetworkBackend):
    """Opens connections that know `Limit`."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Any = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return LimitedStream(
            self._inner.connect_tcp(host, port, seconds, local_address, socket_options)
        )


class LimitedStream(httpcore.NetworkStream):
    """One connection.

    The pool takes an idle connection for closed once something can be read from it. It
    looks without knowing whether another thread has asked in the meantime, so what is
    read then may be an answer: the connection itself says whether it waits for one.
    """

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._is_asked = False

    def answered(self) -> None:
        """Note that all of an answer has been read, before the pool is told."""
        self._is_asked = False

    def read(self, max_bytes: int, timeout: Any = None) -> bytes:
        return self._inner.read(max_bytes, _seconds(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: Any = None) -> None:
        with self._lock:
            self._is_asked = True
        for start in range(0, len(buffer), _PART):
            part = buffer[start : start + _PART]
            self._inner.write(part, _seconds(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: Any = None,
    ) -> httpcore.NetworkStream:
        seconds = _seconds(timeout, httpcore.ConnectTimeout)
        return LimitedStream(
            self._inner.start_tls(ssl_context, server_hostname, seconds)
        )

    def get_extra_info(self, info: str) -> Any:
        if info != "is_readable":
            return self._inner.get_extra_info(info)
        with self._lock:
            return not self._is_asked and self._inner.get_extra_info(info)


def _seconds(limit: Limit | None, late: type[Exception]) -> float | None:
    if limit is None:
        return None
    seconds = limit.left()
    if seconds <= 0:  # which a socket would take for no waiting at all
        raise late("timed out")
    return seconds
