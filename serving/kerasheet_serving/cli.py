"""The command `kerasheet-serve`. Importing this module loads no web stack."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from kerasheet_serving.api_keys import hash_key, new_key
from kerasheet_serving.arguments import read_arguments
from kerasheet_serving.errors import ServingError
from kerasheet_serving.logs import start_logging
from kerasheet_serving.repository import Repository, nothing_to_serve
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.listener import hold, is_open, listen, url
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
        _serve(settings, program)
    except ServingError as error:
        print(f"{program}: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _print_key() -> None:
    key = new_key()
    print(f"key   {key}\nhash  {hash_key(key)}")


def _stop(signal_number: int, frame: object) -> NoReturn:
    raise SystemExit(0)


def _serve(settings: Settings, program: str) -> None:
    if settings.ray:
        _serve_on_ray(settings)
        return
    if settings.tls_cert and settings.tls_key:
        check_certificate(settings.tls_cert, settings.tls_key)
    if settings.workers > 1:
        from kerasheet_serving.workers import serve_side_by_side

        with hold(settings.host, settings.port, "--port") as listener:
            _warn_if_open(listener, settings)
            serve_side_by_side(settings, listener, program)
        return
    from kerasheet_serving.grpc.start import hold_port
    from kerasheet_serving.process import run_server

    listener = listen(settings)
    _warn_if_open(listener, settings)
    run_server(settings, lambda: listener, hold_port(settings))


def _warn_if_open(listener: socket.socket, settings: Settings) -> None:
    if is_open(listener) and not settings.api_keys:
        _log.warning(
            "Other machines may ask at %s, and need no key. Make one with --new-key, "
            "unless what stands before this server asks for one.",
            settings.host,
        )


def _serve_on_ray(settings: Settings) -> None:
    from kerasheet_serving.ray.server import serve_on_ray

    if settings.workers > 1:
        raise ServingError(
            "--workers is for one machine. With --ray, replicas come and go with the "
            "load; leave it out."
        )
    if not Repository(settings.repository).read().models:
        raise nothing_to_serve(settings.repository)
    with listen(settings) as free:
        place, port = url(free, settings), free.getsockname()[1]
    serve_on_ray(replace(settings, port=port), place)
