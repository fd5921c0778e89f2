"""The command `kerasheet-serve`. Importing this module loads no web stack."""

import argparse
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from kerasheet_serving.errors import (
    AddressError,
    PortInUse,
    RepositoryError,
    ServingError,
)
from kerasheet_serving.repository import Repository
from kerasheet_serving.settings import Settings

_EXAMPLES = """\
examples:
  %(prog)s models/                   every model below models/, on port 8501
  %(prog)s models/ --port 0          on a free port, which the first line tells
  %(prog)s models/ --host 0.0.0.0    to other machines too

A repository holds <model>/<version>/, as `kerasheet export` writes it. The newest
version of a model answers /v1/models/<model>:predict; an older one answers
/v1/models/<model>/versions/<version>:predict. Ctrl-C stops the server.
"""


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
    options = _parser(program).parse_args(arguments)
    logging.basicConfig(
        format=f"{program}: %(message)s",
        level=logging.INFO if options.verbose else logging.WARNING,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    settings = Settings(options.repository, options.host, options.port, options.threads)
    try:
        _serve(settings, options.verbose)
    except ServingError as error:
        print(f"{program}: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description=(main.__doc__ or "").splitlines()[0],
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("repository", type=Path, help="directory of the models")
    parser.add_argument(
        "--host",
        type=_host,
        default=Settings.host,
        help="address to listen on (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=Settings.port,
        help="TCP port; 0 picks a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--threads",
        type=_threads,
        metavar="N",
        help="CPU threads of each model (default: one per core)",
    )
    parser.add_argument(
        "--verbose", action="store_true", help="log every request to standard error"
    )
    return parser


def _host(text: str) -> str:
    if not text:  # the system would take it for every address of the machine
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an address; 127.0.0.1 is this machine only, 0.0.0.0 "
            "every network it is in"
        )
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, from 0 to 65535")
    return int(text)


def _threads(text: str) -> int:
    cores = os.cpu_count() or 1
    if not text.isdecimal() or not 1 <= int(text) <= cores:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of threads from 1 to the {cores} cores here"
        )
    return int(text)


def _stop(signal_number: int, frame: object) -> NoReturn:
    raise SystemExit(0)


def _serve(settings: Settings, verbose: bool) -> None:
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
        access_log=verbose,
        server_header=False,
        lifespan="off",
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
