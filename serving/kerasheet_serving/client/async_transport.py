"""Connections of a client in one event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpcore

from kerasheet_serving.client.answer import OK, Answer, lower_headers
from kerasheet_serving.client.call import Call
from kerasheet_serving.client.events import TokenReader
from kerasheet_serving.client.failures import FAILURES
from kerasheet_serving.client.options import IDLE_SECONDS, Options


class AsyncTransport:
    """As `Transport`, for an event loop.

    Args:
        options: where to, and how long and how often.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=options.ssl_context(),
            max_connections=options.connections,
            keepalive_expiry=IDLE_SECONDS,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def ask(self, call: Call) -> Any:
        """Ask until there is an answer to be read."""
        end = self._end()
        for tried in count(1):
            async with self._opened(call, end) as response:
                answer = await _answer(response)
            pause = self._options.pause(call, answer, tried, end - _now())
            if pause is None:
                break
            await asyncio.sleep(pause)
        return call.read(answer)

    async def tokens(self, call: Call) -> AsyncIterator[str]:
        """Ask until a stream begins, and give what is in it."""
        end = self._end()
        for tried in count(1):
            async with self._opened(call, None) as response:
                if response.status == OK:
                    tokens = TokenReader()
                    async for part in response.aiter_stream():
                        for token in tokens.read(part):
                            yield token
                    tokens.finish()
                    return
                answer = await _answer(response)
            pause = self._options.pause(call, answer, tried, end - _now())
            if pause is None:
                break
            await asyncio.sleep(pause)
        call.read(answer)

    def _end(self) -> float:
        return _now() + self._options.timeout

    @asynccontextmanager
    async def _opened(
        self, call: Call, end: float | None
    ) -> AsyncIterator[httpcore.Response]:
        """The answer to a call, which must be there at a time, or part by part."""
        body, headers = self._options.content(call)
        limits = dict.fromkeys(("pool", "read", "write"), self._options.timeout)
        limits["connect"] = self._options.connect_timeout
        try:
            async with (
                asyncio.timeout_at(end),
                self._pool.stream(
                    call.method,
                    self._options.address(call),
                    headers=list(headers.items()),
                    content=body,
                    extensions={"timeout": limits},
                ) as response,
            ):
                yield response
        except FAILURES as error:
            raise self._options.unreachable(error) from error


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _answer(response: httpcore.Response) -> Answer:
    headers = lower_headers(response.headers)
    return Answer(response.status, headers, await response.aread())
