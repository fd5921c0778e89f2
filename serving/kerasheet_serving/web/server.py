"""The HTTP server, which answers all that it has accepted before it stops."""

import asyncio
import logging
import math
import os
import signal
import socket
from contextlib import AbstractAsyncContextManager
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from kerasheet_serving.settings import Settings
from kerasheet_serving.web.connection import connection_class
from kerasheet_serving.web.draining import STOPPED_AT_ONCE, Draining
from kerasheet_serving.web.listener import turn_away, waiting

_log = logging.getLogger(__name__)

_LINGER_SECONDS = 1.0
_LOOK_SECONDS = 0.02
_IDLE_SECONDS = 75  # more than clients and proxies keep theirs, or both act at once


def http_server(
    app: Starlette, settings: Settings, beside: AbstractAsyncContextManager[None]
) -> "HttpServer":
    """Make the server of an application that `create_app` made.

    Args:
        app: the application.
        settings: of the application.
        beside: what runs as long as the server does.
    """
    config = uvicorn.Config(
        app,
        http=connection_class(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks who the client is
        lifespan="on",
        ws="none",
        timeout_keep_alive=_IDLE_SECONDS,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    draining = app.state.draining
    is_alone = settings.workers == 1
    return HttpServer(config, draining, settings.drain_seconds, beside, is_alone)


class HttpServer(uvicorn.Server):
    """Stops in order when it is told to, and at once when it is told so again.

    Args:
        config: of uvicorn.
        draining: begins when the server is told to stop.
        drain_seconds: that requests get to end.
        beside: what runs as long as it does.
        is_alone: whether it heeds a second signal; else that is for the process that
            has started it and others.

    Attributes:
        was_late: whether it stopped before all were answered.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        draining: Draining,
        drain_seconds: float,
        beside: AbstractAsyncContextManager[None],
        is_alone: bool = True,
    ) -> None:
        super().__init__(config)
        self._is_alone = is_alone
        self._draining = draining
        self._drain_seconds = drain_seconds
        self._beside = beside
        self._end = math.inf
        self._told_early = False
        self.was_late = False

    def hear_signals(self) -> None:
        """From now on, answer all who have connected before a signal ends it.

        uvicorn hears signals a moment later. One that comes before waits until then.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.started:  # and has ended: uvicorn raises again what it has heard
            raise SystemExit(0)
        self._told_early = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._told_early:
            loop = asyncio.get_running_loop()
            loop.call_soon(self.handle_exit, signal.SIGTERM, None)

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            async with self._beside:
                await super().serve(sockets)
        finally:
            self.was_late = asyncio.get_running_loop().time() >= self._end

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            if not self._is_alone:
                return
            _log.warning(STOPPED_AT_ONCE)
            os._exit(1)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what is here, and end what the app began.

        A connection that is kept open may be bringing a request just now: it gets a
        second to do so, and is told with the answer that there will be no other.
        """
        loop = asyncio.get_running_loop()
        end = self._end = loop.time() + self._drain_seconds
        self._draining.begin()
        for listener in sockets or []:
            turn_away(listener)
        linger = min(end, loop.time() + _LINGER_SECONDS)
        await asyncio.sleep(_LOOK_SECONDS)  # who is connecting just now has connected
        while any(map(waiting, sockets or [])) and loop.time() < linger:
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        while self.server_state.connections and loop.time() < linger:
            await asyncio.sleep(_LOOK_SECONDS)
        self.config.timeout_graceful_shutdown = max(0.0, end - loop.time())  # type: ignore[assignment]
        await super().shutdown(sockets)
