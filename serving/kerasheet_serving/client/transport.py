"""Connections of a client, kept and used again by its threads."""

import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpcore

from kerasheet_serving.client.answer import OK, Answer, lower_headers
from kerasheet_serving.client.call import Call
from kerasheet_serving.client.deadline import Deadline, Each, Limit, LimitedBackend
from kerasheet_serving.client.events import TokenReader
from kerasheet_serving.client.failures import FAILURES
from kerasheet_serving.client.options import IDLE_SECONDS, Options


class Transport:
    """Sends calls, again after 503, and reads what comes back.

    Connections close with it, also when it is forgotten. A thread waits until one
    is free and then asks the pool, which would close and replace a connection that
    becomes idle while it looks for one.

    Args:
        options: where to, and how long and how often.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._free = threading.BoundedSemaphore(options.connections)
        self._pool = httpcore.ConnectionPool(
            ssl_context=options.ssl_context(),
            max_connections=options.connections,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=LimitedBackend(),
        )
        self.close = weakref.finalize(self, self._pool.close)

    def ask(self, call: Call) -> Any:
        """Ask until there is an answer to be read."""
        limit = Deadline(self._options.timeout)
        for tried in count(1):
            with self._opened(call, limit) as response:
                answer = _answer(response)
            pause = self._options.pause(call, answer, tried, limit.left())
            if pause is None:
                break
            time.sleep(pause)
        return call.read(answer)

    def tokens(self, call: Call) -> Iterator[str]:
        """Ask until a stream begins, and give what is in it."""
        each, end = Each(self._options.timeout), Deadline(self._options.timeout)
        for tried in count(1):
            with self._opened(call, each) as response:
                if response.status == OK:
                    tokens = TokenReader()
                    for part in response.iter_stream():
                        yield from tokens.read(part)
                    tokens.finish()
                    return
                answer = _answer(response)
            pause = self._options.pause(call, answer, tried, end.left())
            if pause is None:
                break
            time.sleep(pause)
        call.read(answer)

    @contextmanager
    def _opened(self, call: Call, limit: Limit) -> Iterator[httpcore.Response]:
        body, headers = self._options.content(call)
        try:
            with (
                self._connection(limit),
                self._pool.stream(
                    call.method,
                    self._options.address(call),
                    headers=list(headers.items()),
                    content=body,
                    extensions={"timeout": self._limits(limit)},
                ) as response,
            ):
                yield response
                response.extensions["network_stream"].answered()
        except FAILURES as error:
            raise self._options.unreachable(error) from error

    @contextmanager
    def _connection(self, limit: Limit) -> Iterator[None]:
        if not self._free.acquire(timeout=limit.left()):
            raise httpcore.PoolTimeout
        try:
            yield
        finally:
            self._free.release()

    def _limits(self, limit: Limit) -> dict[str, Any]:
        left = limit.left()
        connect = Deadline(min(self._options.connect_timeout, left))
        return {"connect": connect, "pool": left, "read": limit, "write": limit}


def _answer(response: httpcore.Response) -> Answer:
    headers = lower_headers(response.headers)
    return Answer(response.status, headers, response.read())
