"""Asking a consumer about every subject at once, in one process of its own."""

import os
import subprocess
from dataclasses import dataclass

from consumers import PROGRAM, PROGRAMS, TENSORFLOW
from exchange import read_answers, write_jobs

SECONDS = 900


@dataclass(frozen=True)
class Answers:
    """What a consumer said.

    Attributes:
        version: of the consumer, as it says itself.
        of: for each subject a mapping of outputs for each run, or the text of an error.
    """

    version: str
    of: dict[str, list[dict] | str]


def ask(consumer, subjects, directory):
    """Let a consumer answer everything that its format can hold.

    Args:
        consumer: of `CONSUMERS`.
        subjects: whose questions are in the directory.
        directory: where programs are run and answers written.
    """
    readable = [one for one in subjects if one.graph or not consumer.reads_onnx]
    jobs = write_jobs(readable, directory, consumer)
    done = subprocess.run(
        [*consumer.command, jobs],
        cwd=directory,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", **consumer.variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{consumer}: {done.stderr}"
    answers = {one.name: read_answers(one, directory, consumer) for one in readable}
    return Answers(done.stdout.split("\n")[0], answers)


def compile_program(directory):
    """Compile the C program against the headers and libraries of our TensorFlow."""
    sources = [PROGRAMS / f"{name}.c" for name in (PROGRAM, "tensors", "npy")]
    libraries = [f"-l:libtensorflow{part}.so.2" for part in ("_cc", "_framework")]
    flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"]
    paths = ["-isystem", TENSORFLOW / "include", f"-L{TENSORFLOW}"]
    command = ["gcc", *flags, *paths, "-o", directory / PROGRAM, *sources, *libraries]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
