"""`kerasheet-serve` as a process of its own, on a free loopback port."""

import subprocess
import sys
from contextlib import contextmanager


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


def run(*arguments):
    """Run the command to its end; returns its exit status, output and errors."""
    process = start(*arguments)
    output, errors = process.communicate(timeout=30)
    return process.returncode, output, errors
