"""Servers in processes of their own: started, asked, measured and ended."""

import contextlib
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
_TICK = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 120


class Question(NamedTuple):
    """What a server is asked, again and again."""

    path: str
    body: bytes
    content_type: str = "application/json"
    json_length: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Of the request."""
        length = {} if self.json_length is None else {_LENGTH: str(self.json_length)}
        return {"Content-Type": self.content_type, **length}


_LENGTH = "Inference-Header-Content-Length"


class Load(NamedTuple):
    """What came of a load: latencies and times of the processor are in seconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    cpu: float
    wrk_cpu: float


class Server:
    """A process that answers on a port.

    Args:
        command: that starts it; `{port}` in it becomes a free port.
        question: that it answers once it has started.
        folder: in which it runs.
    """

    def __init__(
        self, command: Sequence[str], question: Question, folder: Path = HERE
    ) -> None:
        self.port = _free_port()
        words = [word.format(port=self.port) for word in command]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        started = time.perf_counter()
        self._process = subprocess.Popen(
            words, cwd=folder, stdout=self._log, stderr=self._log
        )
        try:
            self._wait(question)
        except BaseException:
            self.close()
            raise
        self.start_seconds = time.perf_counter() - started

    def ask(self, question: Question) -> bytes:
        """Ask once."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", question.path, question.body, question.headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{question.path} was answered {answer.status}.")
        return content

    def load(self, question: Question, seconds: float, connections: int) -> Load:
        """Ask over many connections, with `wrk` on one thread."""
        with tempfile.NamedTemporaryFile() as body:
            body.write(question.body)
            body.flush()
            length = question.json_length
            given = {
                "BODY": body.name,
                "CONTENT_TYPE": question.content_type,
                **({} if length is None else {"JSON_LENGTH": str(length)}),
            }
            script = str(HERE / "post.lua")
            url = f"http://127.0.0.1:{self.port}{question.path}"
            words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s", script]
            cpu, own = self.cpu(), _children_cpu()
            text = subprocess.run(
                [*words, url], env=os.environ | given, check=True, capture_output=True
            ).stdout.decode()
            cpu, own = self.cpu() - cpu, _children_cpu() - own
        counted = json.loads(text.splitlines()[-1])
        if counted.pop("wrong"):
            raise RuntimeError(f"{url} did not answer all: {text}")
        return Load(**counted, cpu=cpu, wrk_cpu=own)

    def cpu(self) -> float:
        """Seconds that all its processes have had of the processor."""
        fields = (_stat(process) for process in self._family())
        return sum(int(one[11]) + int(one[12]) for one in fields if one) / _TICK

    def mebibytes(self) -> float:
        """Memory resident of all its processes, in MiB."""
        pages = (_stat(process) for process in self._family())
        size = os.sysconf("SC_PAGE_SIZE")
        return sum(int(one[21]) for one in pages if one) * size / 2**20

    def close(self) -> None:
        """End all its processes."""
        family = self._family()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
        for process in family:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait()

    def _wait(self, question: Question) -> None:
        end = time.perf_counter() + _START_SECONDS
        while self._process.poll() is None and time.perf_counter() < end:
            try:
                self.ask(question)
                return
            except (OSError, RuntimeError, http.client.HTTPException):
                time.sleep(0.005)
        self._log.seek(0)
        raise RuntimeError(f"No server: {self._log.read().decode()[-2000:]}")

    def _family(self) -> list[int]:
        """The process, and all that descend from it."""
        family = [self._process.pid]
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
        for process in family:
            family += parents.get(process, [])
        return family


def _stat(process: int) -> list[str]:
    """Fields of a process after its name; none if it has ended."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rsplit(")", 1)[1].split()


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _free_port() -> int:
    """A port that is free, as are the two behind it, and not one that clients get."""
    for port in range(20_000, 30_000, 3):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for number in range(port, port + 3):
                held.enter_context(socket.create_server(("127.0.0.1", number)))
            return port
    raise RuntimeError("No port from 20,000 to 30,000 is free.")
