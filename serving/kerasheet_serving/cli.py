"""The command `kerasheet-serve`. Importing this module loads no web stack."""

import errno
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from kerasheet_serving.api_keys import hash_key, new_key
from kerasheet_serving.arguments import read_arguments
from kerasheet_serving.errors import (
    AddressError,
    PortInUse,
    RepositoryError,
    ServingError,
)
from kerasheet_serving.logs import start_logging
from kerasheet_serving.repository import Repository
from kerasheet_serving.settings import Settings


def main(
    arguments: Sequence[str] | None = None, program: str = "kerasheet-serve"
) -> None:
    """Serve the models of a repository over TensorFlow Serving's REST protocol.

    Args:
        arguments: command line without the program; None takes the process's own.
        program: name to show in help and errors.

    Raises:
        SystemExit: 0 when told to stop, 1 when nothing can be served, 2 on a wrong
            command line.
    """
    description = (main.__doc__ or "").splitlines()[0]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        settings = read_arguments(program, description, arguments, os.environ)
        if settings is None:
            _print_key()
            return
        start_logging(program, settings.log_format, settings.log_level)
        _serve(settings)
    except ServingError as error:
        print(f"{program}: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _print_key() -> None:
    key = new_key()
    print(f"key   {key}\nhash  {hash_key(key)}")


def _stop(signal_number: int, frame: object) -> NoReturn:
    raise SystemExit(0)


def _serve(settings: Settings) -> None:
    import uvicorn

    from kerasheet_serving.announcement import announce
    from kerasheet_serving.app import create_app

    listener = _listen(settings)
    app = create_app(settings)
    registry = app.state.registry
    if not registry.serving():
        raise RepositoryError(_nothing_to_serve(settings.repository))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=settings.log_level in ("debug", "info"),
        server_header=False,
        lifespan="on",
        ws="none",
    )
    announce(registry, _url(listener))
    uvicorn.Server(config).run(sockets=[listener])


def _nothing_to_serve(root: Path) -> str:
    parent = root.resolve().parent
    versions = Repository(parent).versions(root.resolve().name)
    if versions:
        return (
            f"{root} holds versions, {', '.join(map(str, versions))}, as one model "
            f"does. Give the directory that holds the models, {parent}."
        )
    return (
        f"{root} has no model that can be served. "
        "Export one into it with `kerasheet export`."
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = (settings.host, settings.port)
    try:
        listener = socket.create_server(address, family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {settings.port} of {settings.host} is in use. Stop what listens "
                "there, or choose another with --port; --port 0 picks a free one."
            ) from error
        raise AddressError(
            f"Cannot listen on port {settings.port} of {settings.host!r}: "
            f"{error.strerror}. Choose others with --host and --port."
        ) from error
    # Connections inherit it; without it a kept-alive client waits 40 ms for an answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
