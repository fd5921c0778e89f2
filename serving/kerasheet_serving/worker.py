"""One of several processes that serve side by side, started by the first."""

import os
import shutil
import signal
import sys
import threading
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from kerasheet_serving.errors import ServingError
from kerasheet_serving.grpc.start import hold_port
from kerasheet_serving.logs import start_logging
from kerasheet_serving.settings import Settings
from kerasheet_serving.shared_counts import SHARED_COUNTS
from kerasheet_serving.web.listener import listen

if TYPE_CHECKING:
    from starlette.applications import Starlette

LOOK = signal.SIGUSR1
"""To the first process, which passes it on to all: look at the repository."""


def work(settings: Settings, program: str, serves: Connection, is_first: bool) -> None:
    """Serve, as one of several.

    Args:
        settings: of each.
        program: name that what is logged begins with.
        serves: is sent `True` once this one does.
        is_first: whether it prints what it serves.

    Raises:
        SystemExit: it cannot begin.
    """
    os.setpgrp()  # Ctrl-C is for the first process, which passes it on
    start_logging(program, settings.log_format, settings.log_level)
    if not is_first:  # what it would print, the first does
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    threading.Thread(target=_stop_with, args=(parent_process(),), daemon=True).start()
    from kerasheet_serving.process import announce_models, run_server

    def tell(app: "Starlette", url: str) -> None:
        watcher = app.state.watcher
        signal.signal(LOOK, lambda *_: watcher.look_soon())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {LOOK})
        watcher.tell_others = _tell_others
        serves.send(True)
        announce_models(app, url)

    try:
        holder = hold_port(settings, shared=True)
        run_server(settings, lambda: listen(settings, shared=True), holder, tell)
    except ServingError as error:
        print(f"{program}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    finally:
        first = parent_process()
        if first is not None and not first.is_alive():  # nor does it tidy up
            shutil.rmtree(os.environ[SHARED_COUNTS], ignore_errors=True)


def _tell_others() -> None:
    """Have the first process let all workers look at the repository."""
    first = parent_process()
    if first is not None and first.is_alive():
        os.kill(first.pid or 0, LOOK)


def _stop_with(first: BaseProcess | None) -> None:
    """Stop in order when the process that started this one is no more."""
    if first is not None:
        first.join()
        os.kill(os.getpid(), signal.SIGTERM)
