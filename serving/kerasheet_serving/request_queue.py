"""Requests that wait for a model, and which of them it answers next."""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kerasheet_serving.errors import QueueFull
from kerasheet_serving.rows import Inputs, row_count, row_kind

T = TypeVar("T")


@dataclass(frozen=True)
class BatchLimits:
    """How much is asked of a model at once, and how much may wait for it.

    Args:
        rows: of a batch; a request with more is run by itself.
        delay: seconds that requests wait for more to come while the model is idle. One
            that is alone does not wait.
        waiting_rows: that may wait; what comes beyond is refused. A request with more
            is taken when none waits.
    """

    rows: int = 32
    delay: float = 0.001
    waiting_rows: int = 1024

    def __post_init__(self) -> None:
        if self.rows < 1 or self.waiting_rows < 1 or not 0 <= self.delay < math.inf:
            raise ValueError(
                "BatchLimits needs rows and waiting_rows of at least 1 and a finite "
                f"delay of at least 0 seconds. Received: {self}."
            )


@dataclass(frozen=True, eq=False)
class Waiting(Generic[T]):
    """One request in the queue, with what its owner remembers it by."""

    inputs: Inputs
    owner: T
    rows: int
    kind: Hashable
    number: int
    due: float


class RequestQueue(Generic[T]):
    """A bounded queue that gives out requests in batches of one kind.

    The request that came first is in the next batch, as soon as it is its time;
    requests of its kind that came next join it. Only a batch that is full overtakes.

    Args:
        limits: on batches and on what waits.
    """

    def __init__(self, limits: BatchLimits) -> None:
        self._limits = limits
        self._groups: dict[Hashable, dict[Waiting[T], None]] = {}
        self._length = self._rows = self._arrived = 0

    def __len__(self) -> int:
        return self._length

    def add(self, inputs: Inputs, owner: T, now: float) -> Waiting[T]:
        """Take in a request that comes at the time `now`, in seconds.

        Raises:
            QueueFull: too much waits already.
        """
        rows = row_count(inputs)
        size = max(rows or 0, 1)
        limit = self._limits.waiting_rows
        if self._length and self._rows + size > limit:
            raise QueueFull(
                f"{self._rows} rows wait for the model, {size} more than the {limit} "
                f"that may. Ask again in {QueueFull.retry_after} s."
            )
        self._arrived += 1
        kind = (self._arrived,) if rows is None else row_kind(inputs)
        due = now + self._limits.delay
        request = Waiting(inputs, owner, size, kind, self._arrived, due)
        self._groups.setdefault(kind, {})[request] = None
        self._length += 1
        self._rows += size
        return request

    def remove(self, request: Waiting[T]) -> None:
        """Take out a request, if it is still there."""
        group = self._groups.get(request.kind, {})
        if request not in group:
            return
        del group[request]
        if not group:
            del self._groups[request.kind]
        self._length -= 1
        self._rows -= request.rows

    def take(self, now: float, hurry: bool = False) -> list[Waiting[T]]:
        """Take out the next batch; nothing if it may wait for more to join.

        Args:
            now: the time, in seconds.
            hurry: whether nothing more will come.
        """
        for first in self._firsts():
            batch, is_full = self._batch_of(first)
            if hurry or is_full or self._length == 1 or first.due <= now:
                for request in batch:
                    self.remove(request)
                return batch
        return []

    def due(self) -> float | None:
        """When the request that waits longest has waited enough; None if none waits."""
        return min((first.due for first in self._firsts()), default=None)

    def clear(self) -> list[Waiting[T]]:
        """Take out everything."""
        requests = [request for group in self._groups.values() for request in group]
        for request in requests:
            self.remove(request)
        return requests

    def _firsts(self) -> list[Waiting[T]]:
        """The first of every kind, in the order in which they came."""
        firsts = (next(iter(group)) for group in self._groups.values())
        return sorted(firsts, key=lambda request: request.number)

    def _batch_of(self, first: Waiting[T]) -> tuple[list[Waiting[T]], bool]:
        """What runs together with `first`, and whether no more could."""
        batch: list[Waiting[T]] = []
        rows = 0
        for request in self._groups[first.kind]:
            if batch and rows + request.rows > self._limits.rows:
                return batch, True
            batch.append(request)
            rows += request.rows
        return batch, rows >= self._limits.rows or row_count(first.inputs) is None
