"""One process that serves, from its listening to its end."""

import os
import socket
from collections.abc import Callable

from starlette.applications import Starlette

from kerasheet_serving.announcement import announce
from kerasheet_serving.app import create_app
from kerasheet_serving.grpc.start import serving_grpc
from kerasheet_serving.repository import nothing_to_serve
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.listener import url
from kerasheet_serving.web.server import http_server


def announce_models(app: Starlette, url: str) -> None:
    """Print what an application serves at `url`."""
    announce(app.state.registry, url)


def run_server(
    settings: Settings,
    listening: Callable[[], socket.socket],
    holder: socket.socket | None,
    tell: Callable[[Starlette, str], None] = announce_models,
) -> None:
    """Serve until told to stop.

    Args:
        settings: of the server.
        listening: gives the socket on which it answers HTTP, once it is ready to.
        holder: of the port of gRPC; None serves none.
        tell: is given the application and where it is, once it can be asked.

    Raises:
        RepositoryError: nothing can be served.
    """
    app = create_app(settings)
    if not app.state.registry.serving():
        raise nothing_to_serve(settings.repository)
    server = http_server(app, settings, serving_grpc(holder, app, settings))
    server.hear_signals()
    listener = listening()
    tell(app, url(listener, settings))
    try:
        server.run(sockets=[listener])
    finally:
        if server.was_late:  # a model that still computes would not let it end
            os._exit(0)
