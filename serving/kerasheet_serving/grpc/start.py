"""Serves gRPC beside HTTP. Importing this module loads no gRPC.

That takes about as long as the rest of the start, so it happens while HTTP is answered
already; until then, a socket holds the port.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from starlette.applications import Starlette

from kerasheet_serving.announcement import say
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.listener import hold

_SERVER = "kerasheet_serving.grpc.server"
_HEAD_START = 0.2
"""Seconds that HTTP gets for its first answer before gRPC is loaded beside it."""


def hold_port(settings: Settings, shared: bool = False) -> socket.socket | None:
    """Take the port on which gRPC will be served; None if it will not be.

    Args:
        settings: of the server.
        shared: whether other processes may listen there already.

    Raises:
        PortInUse: another process listens there.
        AddressError: there is no such address here, or it may not be used.
    """
    port = settings.grpc_port
    if port is None:
        return None
    if not settings.port and port == Settings.grpc_port:
        port = 0
    return hold(settings.host, port, "--grpc-port", shared)


@asynccontextmanager
async def serving_grpc(
    holder: socket.socket | None, app: Starlette, settings: Settings
) -> AsyncIterator[None]:
    """Serve the models of an application over gRPC until the block ends.

    It begins soon after the block does, and says so; it takes no more calls once the
    application drains, and those that are there get `drain_seconds` to end.

    Args:
        holder: of the port; None serves nothing.
        app: that `create_app` made.
        settings: of the application.
    """
    if holder is None:
        yield
        return
    starting = asyncio.create_task(_start(holder, app, settings))
    stopping: list[asyncio.Task[None]] = []

    async def stop() -> None:
        server = await starting
        if server is not None:
            await server.stop(settings.drain_seconds)

    app.state.draining.when_begun(lambda: stopping.append(asyncio.create_task(stop())))
    try:
        yield
    finally:
        app.state.draining.begin()
        await asyncio.gather(*stopping)


async def _start(holder: socket.socket, app: Starlette, settings: Settings) -> Any:
    """The server, if there was time to start it before draining began."""
    state = app.state
    with holder:
        if _SERVER not in sys.modules:
            await asyncio.sleep(_HEAD_START)
        module = await asyncio.to_thread(import_module, _SERVER)
        if state.draining.begun:
            return None
        host, port = holder.getsockname()[:2]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        server = module.make_server(
            address, settings, state.registry, state.metrics, state.draining
        )
        await server.start()
    say(f"Serving gRPC at {address}")
    return server
