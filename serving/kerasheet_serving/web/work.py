"""Work on the body of a request, and where it is done."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from starlette.requests import Request

from kerasheet_serving.json_document import check_size, decompress
from kerasheet_serving.web.request_limits import hold

T = TypeVar("T")

_on_cores: RunVar[CapacityLimiter] = RunVar("kerasheet_on_cores")
_one_by_one: RunVar[CapacityLimiter] = RunVar("kerasheet_one_by_one")

SMALL = 64 * 1024
"""Bytes to read, or numbers to write, that hold up nobody else."""


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request, decompressed.

    Args:
        request: of any protocol.
        most: bytes that are read, and that they decompress to.

    Raises:
        RequestTooLarge: there are more.
        InvalidArgument: it is not compressed as it says.
        ServerBusy: decompressed, it would be more than may be held at the same time.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        check_size(len(body), most)
    encoding = request.headers.get("content-encoding")
    if encoding is None:
        return bytes(body)
    plain = await do(lambda: decompress(bytes(body), encoding, most), small=False)
    hold(request.scope, len(plain) - len(body))
    return plain


async def do(work: Callable[[], T], small: bool, alone: bool = False) -> T:
    """Work here, or in a thread.

    Args:
        work: what is to be done.
        small: whether it is sooner done here than handed to a thread.
        alone: whether it needs so much memory that no other such work goes on.
    """
    if small:
        return work()
    limit = _limit(_one_by_one, 1) if alone else _limit(_on_cores, os.cpu_count() or 1)
    begun = False

    def begin() -> T:
        nonlocal begun
        begun = True
        return work()

    working = asyncio.ensure_future(run_sync(begin, limiter=limit))
    working.add_done_callback(_take_note)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        if not begun:  # else the thread goes on, and counts until it ends
            working.cancel()
        raise


def _take_note(working: asyncio.Future[Any]) -> None:
    """Of an error that nobody may wait for any more."""
    if not working.cancelled():
        working.exception()


def _limit(variable: RunVar[CapacityLimiter], most: int) -> CapacityLimiter:
    """What an event loop lets work at the same time."""
    try:
        return variable.get()
    except LookupError:
        variable.set(CapacityLimiter(most))
        return variable.get()
