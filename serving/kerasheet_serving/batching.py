"""A model that many ask at the same time, and that answers several at once."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress

from kerasheet_serving.errors import DeadlineExceeded, Unavailable
from kerasheet_serving.request_queue import BatchLimits, RequestQueue, Waiting
from kerasheet_serving.rows import Inputs, Outputs, Run, row_count, run_together

_Answer = asyncio.Future[Outputs | Exception]
_SOON = 0.001  # seconds that may hold up the loop: two threads cost each other as much


class Batcher:
    """Lets requests wait for a model, and runs it on several at once.

    Whatever waits when the model becomes free runs together, up to the limits. The
    model runs on one batch at a time, in a thread unless that is sooner done at once.
    Used from one event loop at a time.

    Args:
        run: the model, of which `has_rows` is true. What it raises is raised to the
            one request that causes it.
        limits: on batches and on the queue; None takes the defaults.
        observe: is told the number of rows of every batch.
        executor: where the model runs; None is a thread of its own, ended by `close`.
        steady: whether every row takes the model as long as any other, so that the last
            batch tells of the next.
    """

    def __init__(
        self,
        run: Run,
        limits: BatchLimits | None = None,
        observe: Callable[[int], None] = lambda rows: None,
        executor: Executor | None = None,
        steady: bool = False,
    ) -> None:
        self._run = run
        self._steady = steady
        self._last = math.inf, 1  # seconds of the processor, and rows
        self._observe = observe
        self._own = None if executor else ThreadPoolExecutor(1, "kerasheet-model")
        self._executor = executor or self._own
        self._queue: RequestQueue[_Answer] = RequestQueue(limits or BatchLimits())
        self._running = self._woken = self._closing = False
        self._timer: asyncio.TimerHandle | None = None
        self._drained = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def waiting(self) -> int:
        """Number of requests that wait, without those that the model computes."""
        return len(self._queue)

    async def compute(self, inputs: Inputs, timeout: float | None = None) -> Outputs:
        """Answer one request. Cancelling it takes it out of the queue.

        Args:
            inputs: an array for every input of the model.
            timeout: seconds until an answer is of no use; None is as long as it takes.

        Raises:
            QueueFull: too much waits already.
            DeadlineExceeded: the time is over.
            Unavailable: the model is closed.
        """
        if self._closing:
            raise _closed()
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move_to(loop)
        answer: _Answer = loop.create_future()
        request = self._queue.add(inputs, answer, loop.time())
        self._wake()
        expiry = None
        if timeout is not None:
            late = DeadlineExceeded(f"There was no answer within {timeout:g} s.")
            expiry = loop.call_later(timeout, _give, answer, late)
        try:
            outcome = await answer
        finally:
            self._queue.remove(request)
            self._check_drained()
            if expiry is not None:
                expiry.cancel()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self, timeout: float | None = None) -> None:
        """Refuse new requests, and answer those that are here.

        Args:
            timeout: seconds after which those that still wait are refused; None waits
                for all.
        """
        self._closing = True
        self._wake()
        self._check_drained()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._drained.wait()
        for request in self._queue.clear():
            _give(request.owner, _closed())
        if self._own is not None:
            self._own.shutdown(wait=False)

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Forget what another loop left behind when it ended: it will not happen."""
        self._loop = loop
        self._running = self._woken = False
        self._timer = None
        self._queue.clear()

    def _wake(self) -> None:
        """Look into the queue once all that is happening now has filled it."""
        if not self._running and not self._woken:
            self._woken = True
            asyncio.get_running_loop().call_soon(self._start_next)

    def _start_next(self) -> None:
        self._woken = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._running:
            return
        loop = asyncio.get_running_loop()
        batch = self._queue.take(loop.time(), hurry=self._closing)
        due = self._queue.due()
        if batch:
            self._start([request for request in batch if not request.owner.done()])
        elif due is not None:
            self._timer = loop.call_at(due, self._start_next)

    def _start(self, batch: list[Waiting[_Answer]]) -> None:
        if not batch:  # all were cancelled just now
            self._wake()
            return
        self._running = True
        rows = sum(request.rows for request in batch)
        self._observe(rows)
        inputs = [request.inputs for request in batch]
        seconds, as_many = self._last
        if seconds * max(1, rows / as_many) <= _SOON:
            self._finish(batch, self._compute(inputs, rows))
            return
        asyncio.get_running_loop().run_in_executor(
            self._executor, self._compute, inputs, rows
        ).add_done_callback(lambda outcomes: self._take(batch, outcomes))

    def _compute(
        self, inputs: Sequence[Inputs], rows: int
    ) -> list[Outputs | Exception]:
        begun = time.thread_time()
        answers = run_together(self._run, inputs)
        answered = all(isinstance(answer, dict) for answer in answers)
        if self._steady and answered and all(map(row_count, inputs)):
            self._last = time.thread_time() - begun, rows
        return answers

    def _take(
        self,
        batch: list[Waiting[_Answer]],
        outcomes: asyncio.Future[list[Outputs | Exception]],
    ) -> None:
        if outcomes.cancelled() or outcomes.exception() is not None:
            self._finish(batch, [_closed() for _ in batch])
        else:
            self._finish(batch, outcomes.result())

    def _finish(
        self, batch: list[Waiting[_Answer]], answers: Sequence[Outputs | Exception]
    ) -> None:
        self._running = False
        for request, answer in zip(batch, answers, strict=True):
            _give(request.owner, answer)
        self._check_drained()
        self._wake()

    def _check_drained(self) -> None:
        if self._closing and not self._queue and not self._running:
            self._drained.set()


def _give(answer: _Answer, outcome: Outputs | Exception) -> None:
    if not answer.done():
        answer.set_result(outcome)


def _closed() -> Unavailable:
    return Unavailable("This version of the model is no longer served. Ask again.")
