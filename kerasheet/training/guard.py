"""What looks after a training: it keeps checkpoints, and hears Ctrl-C."""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from kerasheet.errors import TrainingError, TrainingStopped
from kerasheet.training.checkpoint import Checkpoints
from kerasheet.training.state import State
from kerasheet.training.workers import Workers

SHARE = 0.05
"""Of the time, at most, goes into checkpoints."""

KINDS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
"""Ctrl-C, what Kubernetes and Slurm send first, and the end of the terminal."""

SECONDS = 10.0
"""So long, at least, a training goes on within an epoch before it writes one."""


class CheckpointGuard:
    """Writes a checkpoint after every epoch, within long ones, and when told to stop.

    Where epochs are short, some go by without one, so that checkpoints take no more
    than a twentieth of the time. After the first and the last epoch there is always
    one. As a context manager it takes the first Ctrl-C or SIGTERM as the wish to stop
    after the running batches; a second one ends the process at once. What the process
    ignores, as `nohup` makes it ignore the end of the terminal, it goes on ignoring. Of
    several workers the chief alone writes, but all stop if one is told to.

    Args:
        checkpoints: where they go.
        workers: the processes that train together.
        epochs: of the whole training.
        resumed: where an earlier training was; None to start anew.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        workers: Workers,
        epochs: int,
        resumed: State | None,
    ) -> None:
        self.workers = workers
        self.checkpoints, self.epochs, self.resumed = checkpoints, epochs, resumed
        self.before = resumed.facts["seconds"] if resumed else 0.0
        self.asked_to_stop = False
        self.started = self.written = time.perf_counter()
        self.cost = 0.0

    @property
    def seconds(self) -> float:
        """How long the training has taken so far, in all its sessions."""
        return self.before + time.perf_counter() - self.started

    def __enter__(self) -> "CheckpointGuard":
        self.started = self.written = time.perf_counter()
        self.handlers: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            self.handlers = {
                kind: signal.signal(kind, self._hear)
                for kind in KINDS
                if signal.getsignal(kind) != signal.SIG_IGN
            }
        return self

    def __exit__(self, *error: object) -> None:
        for kind, handler in self.handlers.items():
            signal.signal(kind, handler)

    def resume(self) -> State | None:
        """Where an earlier training was; None to start anew."""
        return self.resumed

    def look(self, take: Callable[[], State], *, ended: bool, last: bool) -> None:
        """Write a checkpoint if one is due, and stop if asked to.

        Raises:
            TrainingError: it cannot be written.
            TrainingStopped: Ctrl-C was pressed; all is kept.
        """
        passed = time.perf_counter() - self.written
        least = self.cost / SHARE
        due = passed >= (least if ended else max(least, SECONDS))
        due, stop = self.workers.any(due or last, self.asked_to_stop)
        if not (due or stop):
            return
        state = self._write(take)
        if stop and not last:
            epoch = min(state.facts["epoch"] + 1, self.epochs)
            raise TrainingStopped(
                f"Stopped in epoch {epoch} of {self.epochs}. Train again with "
                "resume=True to go on.",
                epoch,
                self.epochs,
            )

    def _write(self, take: Callable[[], State]) -> State:
        started = time.perf_counter()
        state = take()
        state.facts["seconds"] = self.seconds
        try:
            if self.workers.is_chief:
                self.checkpoints.write(state)
        except OSError as error:
            raise TrainingError(
                "A checkpoint cannot be written to "
                f"{str(self.checkpoints.directory)!r} ({error.strerror}). Make room, "
                "and go on from the one before it with --resume."
            ) from error
        self.written = time.perf_counter()
        self.cost = self.written - started
        return state

    def _hear(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        signal.signal(signum, signal.SIG_DFL)
