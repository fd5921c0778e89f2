"""A version of a model in memory: the place where requests reach its session."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Protocol

from starlette.concurrency import run_in_threadpool

from kerasheet_serving.dtypes import Array
from kerasheet_serving.generation.decoding import TextWriter
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.session import Session


class Runner(Protocol):
    """What computes the answers of one session.

    Attributes:
        writer: what continues texts, if the model does.
    """

    @property
    def writer(self) -> TextWriter | None: ...

    async def compute(
        self, inputs: Mapping[str, Array], timeout: float | None = None
    ) -> Mapping[str, Array]:
        """Answer one request."""

    async def close(self, timeout: float | None = None) -> None:
        """Answer the requests that are here; there will be no more."""


class OneByOne:
    """Runs every request by itself, in a thread.

    Args:
        session: of the model.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.writer: TextWriter | None = None

    async def compute(
        self, inputs: Mapping[str, Array], timeout: float | None = None
    ) -> Mapping[str, Array]:
        return await run_in_threadpool(self._session.run, inputs)

    async def close(self, timeout: float | None = None) -> None:
        pass


class Servable:
    """A version of a model that answers, for as long as someone has leased it.

    Args:
        number: of the version.
        session: what it is.
        runner: what computes for the session.
    """

    def __init__(self, number: int, session: Session, runner: Runner) -> None:
        self.number = number
        self.session = session
        self._runner = runner
        self._leases = 0
        self._idle: asyncio.Event | None = None

    @property
    def manifest(self) -> Manifest:
        """What its directory says of the model."""
        return self.session.manifest

    @property
    def writer(self) -> TextWriter | None:
        """What continues texts, if the model does."""
        return self._runner.writer

    async def compute(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Compute every output.

        Raises:
            ServingError: as `Session.run`, or the runner cannot take it.
        """
        return await self._runner.compute(inputs)

    @contextmanager
    def leased(self) -> Iterator["Servable"]:
        """Keep it open until the block ends, even if another takes its place."""
        self._leases += 1
        try:
            yield self
        finally:
            self._leases -= 1
            if self._idle is not None and not self._leases:
                self._idle.set()

    async def close(self, timeout: float | None = None) -> None:
        """Wait until nobody has leased it, then end what computes.

        Args:
            timeout: seconds to wait for those who have, and as long again for what
                computes; None waits for all.
        """
        self._idle = asyncio.Event()
        if self._leases:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._idle.wait()
        await self._runner.close(timeout)


MakeRunner = Callable[[str, int, Session], Runner]
"""Of a model's name, a version of it, and its session."""


def one_by_one(name: str, number: int, session: Session) -> Runner:
    """Make what answers every request by itself."""
    return OneByOne(session)
