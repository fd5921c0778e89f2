"""The command `kerasheet-serve`. Importing this module loads no web stack."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from kerasheet_serving.api_keys import hash_key, new_key
from kerasheet_serving.arguments import read_arguments
from kerasheet_serving.errors import RepositoryError, ServingError
from kerasheet_serving.logs import start_logging
from kerasheet_serving.repository import Repository
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.listener import is_open, listen, url
from kerasheet_serving.web.tls import check_certificate

_log = logging.getLogger(__name__)


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
    if settings.ray:
        _serve_on_ray(settings)
        return
    from kerasheet_serving.announcement import announce
    from kerasheet_serving.app import create_app
    from kerasheet_serving.grpc.start import hold_port, serving_grpc
    from kerasheet_serving.web.server import http_server

    if settings.tls_cert and settings.tls_key:
        check_certificate(settings.tls_cert, settings.tls_key)
    listener = listen(settings)
    if is_open(listener) and not settings.api_keys:
        _log.warning(
            "Other machines may ask at %s, and need no key. Make one with --new-key, "
            "unless what stands before this server asks for one.",
            settings.host,
        )
    holder = hold_port(settings)
    app = create_app(settings)
    registry = app.state.registry
    if not registry.serving():
        raise RepositoryError(_nothing_to_serve(settings.repository))
    server = http_server(app, settings, serving_grpc(holder, app, settings))
    announce(registry, url(listener, settings))
    try:
        server.run(sockets=[listener])
    finally:
        if server.was_late:  # a model that still computes would not let it end
            os._exit(0)


def _serve_on_ray(settings: Settings) -> None:
    from kerasheet_serving.ray.server import serve_on_ray

    if not Repository(settings.repository).read().models:
        raise RepositoryError(_nothing_to_serve(settings.repository))
    with listen(settings) as free:
        place, port = url(free, settings), free.getsockname()[1]
    serve_on_ray(replace(settings, port=port), place)


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
