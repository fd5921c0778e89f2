"""Texts that one model writes at the same time, all of them a token further a step."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from kerasheet_serving.errors import QueueFull, Unavailable
from kerasheet_serving.generation.request import Wanted
from kerasheet_serving.generation.step_model import StepModel
from kerasheet_serving.generation.writing import Writing, read_on, write_on

_TURN_SECONDS = 0.005  # of steps in a thread, until those who wait for tokens get them


@dataclass(frozen=True)
class TextLimits:
    """How many texts a model writes.

    Args:
        at_once: texts that are in a step together.
        waiting: texts besides; what comes beyond is refused.
    """

    at_once: int = 32
    waiting: int = 128


class TextWriter:
    """Continues texts with a language model, many together.

    A text joins the others and leaves them at any step. Its prompt is read before, in
    pieces, between the steps of the others. One whose reader is slow steps aside. Used
    from one event loop at a time.

    Args:
        model: that writes.
        limits: on how many texts there are.
        observe: is told the number of texts of every step, in a thread.
        count: is told the number of tokens of every text that ends.
    """

    def __init__(
        self,
        model: StepModel,
        limits: TextLimits,
        observe: Callable[[int], None] = lambda texts: None,
        count: Callable[[int], None] = lambda tokens: None,
    ) -> None:
        self._model = model
        self._limits = limits
        self._observe = observe
        self._count = count
        self._texts: dict[Writing, None] = {}
        self._executor = ThreadPoolExecutor(1, "kerasheet-text")
        self._work: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drained = asyncio.Event()
        self._closing = False

    @property
    def texts(self) -> int:
        """Number of texts that are begun and not ended."""
        return len(self._texts)

    @contextmanager
    def writing(self, wanted: Wanted) -> Iterator[Writing]:
        """Begin a text, which goes no further once the block ends.

        Raises:
            QueueFull: there are too many already.
            Unavailable: the model is closed.
        """
        if self._closing:
            raise _closed()
        self._move_to(asyncio.get_running_loop())
        most = self._limits.at_once + self._limits.waiting
        if len(self._texts) >= most:
            raise QueueFull(
                f"{most} texts are being written or wait for the model, and no more "
                f"may. Ask again in {QueueFull.retry_after} s."
            )
        text = Writing(wanted, self._model.begin(), self._wake)
        self._texts[text] = None
        self._wake()
        try:
            yield text
        finally:
            text.is_left = True
            self._count(len(text.ids))
            self._forget(text)

    async def close(self, timeout: float | None = None) -> None:
        """Begin no more texts, and end those that are here.

        Args:
            timeout: seconds after which those that have not ended fail; None waits.
        """
        self._closing = True
        self._check_drained()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._drained.wait()
        self._fail_all(_closed())
        self._executor.shutdown(wait=False)

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Forget what another loop left behind when it ended."""
        if loop is not self._loop:
            self._loop, self._work = loop, None
            self._texts.clear()

    def _wake(self) -> None:
        if self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        """Take turns until every text has ended, or waits for its reader."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                reading, together = self._next()
                if reading is None and not together:
                    return
                turn = loop.run_in_executor(
                    self._executor, self._turn, reading, together
                )
                await turn
                for text in (*together, *filter(None, [reading])):
                    self._after_turn(text)
        except Exception as error:
            self._fail_all(error)
            raise
        finally:
            self._work = None

    def _next(self) -> tuple[Writing | None, list[Writing]]:
        """A text whose prompt is to be read on, and those that are to be written on."""
        together = [text for text in self._texts if text.is_ready]
        together = together[: self._limits.at_once]
        if len(together) == self._limits.at_once:
            return None, together
        unread = (text for text in self._texts if not text.is_read)
        return next(unread, None), together

    def _turn(self, reading: Writing | None, together: list[Writing]) -> None:
        """In the thread: read a piece, and write until somebody is to be told."""
        if reading is not None:
            read_on(self._model, reading)
        if together:
            number, end = len(self._texts), time.monotonic() + _TURN_SECONDS

            def goes_on() -> bool:
                return (
                    reading is None
                    and len(self._texts) == number
                    and time.monotonic() < end
                )

            write_on(self._model, together, goes_on, self._observe)

    def _after_turn(self, text: Writing) -> None:
        text.tell()
        if text.is_over:
            self._forget(text)
        elif text in self._texts:
            del self._texts[text]
            self._texts[text] = None  # behind the others

    def _fail_all(self, error: Exception) -> None:
        for text in list(self._texts):
            text.fail(error)
            text.tell()
            self._forget(text)

    def _forget(self, text: Writing) -> None:
        self._texts.pop(text, None)
        self._check_drained()

    def _check_drained(self) -> None:
        if self._closing and not self._texts:
            self._drained.set()


def _closed() -> Unavailable:
    return Unavailable("This version of the model is no longer served. Ask again.")
