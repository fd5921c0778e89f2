"""Work on the body of a request, and where it is done."""

from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from kerasheet_serving.json_document import check_size

T = TypeVar("T")

SMALL = 64 * 1024
"""Bytes to read, or numbers to write, that hold up nobody else."""


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request, as it was sent.

    Args:
        request: of any protocol.
        most: bytes that are read.

    Raises:
        RequestTooLarge: there are more.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        check_size(len(body), most)
    return bytes(body)


async def do(work: Callable[[], T], small: bool) -> T:
    """Work here if that is sooner done than handed to a thread."""
    return work() if small else await run_in_threadpool(work)
