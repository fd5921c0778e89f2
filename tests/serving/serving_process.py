"""`kerasheet-serve` as a process of its own, on a free loopback port."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serve(*arguments):
    """Start the command; yields the process and its URL, and stops it."""
    process = start(*arguments, "--port", "0")
    try:
        first_line = process.stdout.readline()
        assert first_line.startswith("Serving "), process.stderr.read()
        yield process, first_line.split()[-1]
    finally:
        process.kill()
        process.communicate()


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "kerasheet_serving", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def grpc_address(process):
    """Where a process that serves says, in its last line, that it serves gRPC."""
    before = "Serving gRPC at "
    line = next(one for one in process.stdout if one.startswith(before))
    return line.removeprefix(before).rstrip("\n")


def run(*arguments):
    """Run the command to its end; returns its exit status, output and errors."""
    process = start(*arguments)
    output, errors = process.communicate(timeout=30)
    return process.returncode, output, errors


def left_at_home(home, script, *arguments):
    """What a Python script leaves in the home directory that it is given.

    Without the variables that keep ONNX Runtime from gathering its reports there.
    """
    silent = ("ORT_DISABLE_TELEMETRY", "CI", "XDG_CACHE_HOME")
    environment = {k: v for k, v in os.environ.items() if k not in silent}
    subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**environment, "HOME": str(home)},
        check=True,
    )
    return [*home.iterdir()]


def processor_seconds(process):
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start_busy(process, threads, request, *arguments, **options):
    """Send a long request from a thread; returns once the server computes it."""
    idle = processor_seconds(process)
    busy = threads.submit(request, *arguments, **options)
    while not busy.done() and processor_seconds(process) < idle + 0.1:
        time.sleep(0.01)
    return busy


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def listeners(url):
    """How many sockets listen on the port of `url`, on this machine only."""
    address = f"0100007F:{int(url.rpartition(':')[2]):04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = (line.split() for line in lines)
    return sum(row[1] == address and row[3] == "0A" for row in rows)
