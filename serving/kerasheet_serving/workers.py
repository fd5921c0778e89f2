"""Processes that serve the same models side by side, on one port."""

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from tempfile import TemporaryDirectory
from types import FrameType

from kerasheet_serving.errors import ServingError
from kerasheet_serving.grpc.start import hold_port
from kerasheet_serving.repository import Repository, nothing_to_serve
from kerasheet_serving.settings import Settings
from kerasheet_serving.shared_counts import SHARED_COUNTS, forget_process
from kerasheet_serving.web.draining import STOPPED_AT_ONCE
from kerasheet_serving.worker import LOOK, work

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0  # before a worker that could not begin is tried again


def serve_side_by_side(settings: Settings, holder: socket.socket, program: str) -> None:
    """Serve with several processes until told to stop.

    The system gives each its share of those who connect. One that ends without having
    been told to is replaced. Told to stop, each answers what it has accepted; told so
    again, they stop at once. They also stop when this process is no more.

    Args:
        settings: of each; its threads are those of all if it has none.
        holder: of the port on which they answer HTTP.
        program: name that what is logged begins with.

    Raises:
        RepositoryError: there is nothing to serve.
        PortInUse: another process serves gRPC.
        ServingError: there is no place for a temporary file.
        SystemExit: 1 if not all could begin, or not all have ended in order.
    """
    if not Repository(settings.repository).read().models:
        raise nothing_to_serve(settings.repository)
    threads = settings.threads or max(1, _cores() // settings.workers)
    port = holder.getsockname()[1]
    with _holding_grpc(settings) as grpc_port, _folder_of_counts() as counts:
        os.environ[SHARED_COUNTS] = counts
        given = replace(settings, port=port, grpc_port=grpc_port, threads=threads)
        in_order = _Workers(given, program).run()
    if not in_order:
        raise SystemExit(1)


def _cores() -> int:
    """Of the processor, as far as this process may use them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _folder_of_counts() -> TemporaryDirectory[str]:
    """In memory where the system has that, as in a container that is read-only."""
    memory = "/dev/shm"
    try:
        return TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
    except OSError as error:
        raise ServingError(
            f"Workers put their counts together in a temporary file: {error}. Let them "
            "write to /dev/shm or /tmp, or leave out --workers."
        ) from error


@contextmanager
def _holding_grpc(settings: Settings) -> Iterator[int | None]:
    """The port of gRPC, which no other process takes meanwhile; None for none."""
    holder = hold_port(settings)
    if holder is None:
        yield None
        return
    with holder:
        yield holder.getsockname()[1]


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    said: Connection  # something, once it serves
    has_served: bool = False

    def look(self) -> None:
        """See whether it has begun to serve."""
        if not self.has_served and self.said.poll():
            with suppress(EOFError):
                self.has_served = self.said.recv()


class _Workers:
    """Starts workers, replaces them, and tells them to stop.

    Args:
        settings: of each.
        program: name that what they log begins with.
    """

    def __init__(self, settings: Settings, program: str) -> None:
        self._settings = settings
        self._program = program
        self._workers: list[_Worker] = []
        self._stopping = self._failed = False

    def run(self) -> bool:
        """Let them work until all have ended; returns whether in order."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        signal.signal(LOOK, self._let_look)
        try:
            for index in range(self._settings.workers):
                self._start(is_first=index == 0)
        except OSError as error:
            self._stop()
            raise ServingError(f"Cannot start another worker: {error}.") from error
        begun = False
        while self._workers:
            ended = wait([worker.process.sentinel for worker in self._workers])
            for worker in self._workers:
                worker.look()
            begun = begun or all(worker.has_served for worker in self._workers)
            for worker in self._workers.copy():
                if worker.process.sentinel in ended:
                    self._replace(worker, begun)
        return not self._failed

    def _start(self, is_first: bool = False) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        given = self._settings, self._program, theirs, is_first
        process = context.Process(target=work, args=given)
        # A worker hears it once it knows what to do about it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {LOOK})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self._workers.append(_Worker(process, ours))
        if self._stopping:  # which it was told just now
            process.terminate()

    def _replace(self, worker: _Worker, begun: bool) -> None:
        """Take leave of a worker that has ended, and start another if need be."""
        self._workers.remove(worker)
        worker.process.join()
        worker.said.close()
        status = worker.process.exitcode or 0
        if not (begun or worker.has_served or self._stopping):  # nor would another
            self._stop()
        if self._stopping:
            in_order = (0, -signal.SIGTERM)  # the latter, if it had hardly begun
            self._failed = self._failed or status not in in_order
            return
        forget_process(worker.process.pid or 0)
        how = f"signal {-status}" if status < 0 else f"status {status}"
        _log.warning("A worker ended with %s; another takes its place", how)
        if not worker.has_served:
            time.sleep(_PAUSE_SECONDS)
        while not self._stopping:  # which it may be told meanwhile
            try:
                self._start()
                return
            except OSError as error:  # memory, perhaps, or processes
                _log.warning("Cannot start another worker yet: %s", error)
                time.sleep(_PAUSE_SECONDS)

    def _let_look(self, number: int, frame: FrameType | None) -> None:
        """Let all look at the repository."""
        for worker in self._workers:
            with suppress(ProcessLookupError):  # it has ended, and is to be replaced
                os.kill(worker.process.pid or 0, LOOK)

    def _stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Let them end in order; when told so again, at once."""
        if self._stopping:
            _log.warning(STOPPED_AT_ONCE)
        for worker in self._workers:
            worker.process.kill() if self._stopping else worker.process.terminate()
        self._stopping = True
