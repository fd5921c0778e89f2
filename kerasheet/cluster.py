"""A cluster of workers on this machine, watched over until all are done."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 10.0
"""So long the others may take to end once one has."""

STOP_SECONDS = 60.0
"""So long all may take to write a checkpoint and end once they are told to."""

GIVEN_TO_NOBODY = range(20_000, 32_768)
"""Ports below those that Linux, and any other system, gives to whoever asks for any."""

LAUNCHED_BY = "KERASHEET_LAUNCHED_BY"
"""Variable that has the words before a worker's command, for what it tells to type."""


class LocalCluster:
    """Workers of one command, each with a `TF_CONFIG` of its own.

    They share the processor's cores and leave GPUs alone: several GPUs of a machine
    need no cluster. What the first, the chief, says is passed on; of the others, what
    they write to stderr, with their number before it.

    Args:
        command: the words of the process to start.
        workers: how many to start.
        tell: called with a sentence when there is something a person should know.

    Example:
    >>> import sys
    >>> LocalCluster([sys.executable, "-c", "pass"], workers=2).run()
    0
    """

    def __init__(
        self,
        command: Sequence[str],
        workers: int,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.command, self.workers, self.tell = list(command), workers, tell
        self.processes: list[subprocess.Popen[bytes]] = []
        self.untold: int | None = None  # a signal that came before they were there
        self.stopped: float | None = None  # when it was told to stop

    def run(self, restarts: int = 0) -> int:
        """Start the workers and wait for them.

        When one is killed, all are started again, with `--resume`. Told to stop by a
        signal it passes that on, and kills those that do not end for long.

        Args:
            restarts: how often, at most.

        Returns:
            The exit status: 0 if all ended well, else that of the first that did not.
        """
        with self._signals_passed_on():
            status = self._run_once()
            while status < 0 and restarts > 0 and self.stopped is None:
                restarts -= 1
                self.tell("Starts all workers again, from the last checkpoint.")
                if "--resume" not in self.command:
                    self.command.append("--resume")
                status = self._run_once()
        return status if status >= 0 else 128 - status

    def _run_once(self) -> int:
        config = [f"127.0.0.1:{port}" for port in free_ports(self.workers)]
        self.processes = [self._start(config, index) for index in range(self.workers)]
        if self.untold is not None:
            self._tell_all(self.untold)
        echoes = [_echo(one, index) for index, one in enumerate(self.processes)]
        try:
            while all(one.poll() in (None, 0) for one in self.processes):
                if all(one.poll() == 0 for one in self.processes):
                    return 0
                if self.stopped and time.monotonic() > self.stopped + STOP_SECONDS:
                    self.tell("The workers do not end, and are killed.")
                    return -signal.SIGKILL
                time.sleep(POLL_SECONDS)
            return self._end()
        finally:
            for one in self.processes:
                one.kill()
                one.wait()
            self.processes = []  # none to be told of a signal
            for echo in echoes:
                echo.join()

    def _end(self) -> int:
        """Let the others notice that one has ended, and see which was the cause."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and any(
            one.poll() is None for one in self.processes
        ):
            if any((one.poll() or 0) < 0 for one in self.processes):
                break
            time.sleep(POLL_SECONDS)
        statuses = [one.poll() or 0 for one in self.processes]
        for index, status in enumerate(statuses):
            if status < 0 and self.stopped is None:
                self.tell(f"Worker {index} was killed by {_name(-status)}.")
        return min(statuses) if min(statuses) < 0 else max(statuses)

    def _start(self, config: list[str], index: int) -> subprocess.Popen[bytes]:
        task = {"type": "worker", "index": index}
        threads = max(1, (os.cpu_count() or 1) // self.workers)
        environment = {
            "TF_NUM_INTRAOP_THREADS": str(threads),
            **os.environ,
            "TF_CONFIG": json.dumps({"cluster": {"worker": config}, "task": task}),
            "CUDA_VISIBLE_DEVICES": "",
            LAUNCHED_BY: f"launch --workers {self.workers}",
        }
        return subprocess.Popen(
            self.command,
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL if index else None,
            stderr=subprocess.PIPE if index else None,
        )

    def _tell_all(self, number: int) -> None:
        for one in self.processes:
            one.send_signal(number)

    @contextlib.contextmanager
    def _signals_passed_on(self) -> Iterator[None]:
        def pass_on(number: int, frame: FrameType | None) -> None:
            self.stopped = self.stopped or time.monotonic()
            if not self.processes:
                self.untold = number
            self._tell_all(number)

        usual = {
            kind: signal.signal(kind, pass_on)
            for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            if signal.getsignal(kind) != signal.SIG_IGN  # as `nohup` has it
        }
        try:
            yield
        finally:
            for kind, handler in usual.items():
                signal.signal(kind, handler)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on.

    They are not of those that the system gives to whoever asks for any, as it might
    before the workers take them.
    """
    ports: list[int] = []
    for port in random.Random().sample(GIVEN_TO_NOBODY, len(GIVEN_TO_NOBODY)):
        if len(ports) == count:
            break
        with contextlib.suppress(OSError):  # somebody listens
            socket.create_server(("127.0.0.1", port)).close()
            ports.append(port)
    return ports


def _echo(process: subprocess.Popen[bytes], index: int) -> threading.Thread:
    def echo() -> None:
        if process.stderr is None:
            return
        with process.stderr as lines:
            for line in lines:
                sys.stderr.write(f"worker {index}: {line.decode(errors='replace')}")

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    return thread


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
