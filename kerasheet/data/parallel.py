"""The same thing done to many samples at once."""

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS = os.cpu_count() or 1
CHUNK = 16
"""Items a thread takes at a time: handing them out costs less than doing them."""


def map_threads(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[Result]:
    """Like `map`, in threads, with the results in order.

    Only a few chunks are under way at a time, so neither the results nor what is to
    do pile up, and Ctrl-C stops at once.

    Args:
        function: lets other threads run for most of its time, as reading a file does.
        items: any number of them.

    Example:
    >>> list(map_threads(len, ["", "a", "bc"]))
    [0, 1, 2]
    """

    def work(start: int) -> list[Result]:
        return [function(item) for item in items[start : start + CHUNK]]

    for start in range(0, len(items), CHUNK * WORKERS):
        stop = min(start + CHUNK * WORKERS, len(items))
        for results in _pool().map(work, range(start, stop, CHUNK)):
            yield from results


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="kerasheet-data")
