"""Looks again and again for what has changed in the repository."""

import asyncio
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.registry import Registry
from kerasheet_serving.servable import Servable

_log = logging.getLogger(__name__)


class Watcher:
    """Lets a registry look at its repository every so often, in a thread.

    Args:
        registry: the models.
        seconds: between one look and the next; 0 never looks.

    Attributes:
        tell_others: lets other processes that serve the same models look too.
    """

    def __init__(self, registry: Registry, seconds: float) -> None:
        self._registry = registry
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._told = ""
        self._is_asked = False  # to look, before there was a loop to do so
        self.tell_others: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Watch from now on for as long as the running event loop does, if not yet."""
        if self._is_asked:
            self._is_asked = False
            self._begin_to_look()
        if self._seconds and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._watch())

    def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()

    async def close(self, timeout: float) -> None:
        """Watch no more, and end all that computes.

        Args:
            timeout: seconds that each gets to end what it has begun.
        """
        self.stop()
        models = self._registry.serving().values()
        serving = (servable for servables in models for servable in servables)
        await asyncio.gather(*(servable.close(timeout) for servable in serving))
        await asyncio.gather(*self._closing)

    async def look(self) -> str:
        """Take in what has changed, and let go of what no longer serves.

        Returns:
            Why the repository cannot be read; nothing if it can.
        """
        problem = ""
        try:
            await asyncio.to_thread(self._registry.refresh)
        except RepositoryError as error:
            problem = str(error)
        if problem and problem != self._told:
            _log.warning("Kept all models as they are: %s", problem)
        self._told = problem
        for servable in self._registry.take_retired():
            task = asyncio.create_task(self._end(servable))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        return problem

    def look_soon(self) -> None:
        """Have it look when the event loop comes to it, which may be yet to run.

        Unlike the others, to be called from the handler of a signal.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._is_asked = True
        else:
            loop.call_soon_threadsafe(self._begin_to_look)

    def _begin_to_look(self) -> None:
        task = asyncio.create_task(self._look_safely())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _end(self, servable: Servable) -> None:
        await servable.close()
        self._registry.ended(servable)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._look_safely()

    async def _look_safely(self) -> None:
        try:
            await self.look()
        except Exception:
            _log.exception("Cannot look at the repository")


class Watched:
    """Wraps an application, and watches from its first request on.

    Below a mount, an application is not told when the server starts.

    Args:
        app: the application.
        watcher: of its models.
    """

    def __init__(self, app: ASGIApp, watcher: Watcher) -> None:
        self._app = app
        self._watcher = watcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            self._watcher.start()
        await self._app(scope, receive, send)
