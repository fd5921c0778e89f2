"""One process that serves, from its listening to its end."""

import os
import socket
from collections.abc import Callable

from kerasheet_serving.announcement import announce
from kerasheet_serving.app import create_app
from kerasheet_serving.grpc.start import serving_grpc
from kerasheet_serving.registry import Registry
from kerasheet_serving.repository import nothing_to_serve
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.listener import url
from kerasheet_serving.web.server import http_server


def run_server(
    settings: Settings,
    listening: Callable[[], socket.socket],
    holder: socket.socket | None,
    tell: Callable[[Registry, str], None] = announce,
) -> None:
    """Serve until told to stop.

    Args:
        settings: of the server.
        listening: gives the socket on which it answers HTTP, once it is ready to.
        holder: of the port of gRPC; None serves none.
        tell: is given the models and where they are, once they can be asked.

    Raises:
        RepositoryError: nothing can be served.
    """
    app = create_app(settings)
    registry = app.state.registry
    if not registry.serving():
        raise nothing_to_serve(settings.repository)
    server = http_server(app, settings, serving_grpc(holder, app, settings))
    server.hear_signals()
    listener = listening()
    tell(registry, url(listener, settings))
    try:
        server.run(sockets=[listener])
    finally:
        if server.was_late:  # a model that still computes would not let it end
            os._exit(0)
