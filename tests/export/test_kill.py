"""An export that is killed leaves the whole version, or none."""

import random
import signal
import subprocess
import sys
import time

import pytest
from publisher import write_version
from repository_state import leftovers, whole_versions


def start(run, repository):
    command = [sys.executable, "-m", "kerasheet", "export", run.path, repository]
    return subprocess.Popen(
        [*command, "--name", "M"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_it_writes(process, repository):
    while process.poll() is None and not leftovers(repository):
        time.sleep(0.01)


def seconds_of_writing(run, repository):
    """How long an export writes; the time before that is TensorFlow's."""
    process = start(run, repository)
    wait_until_it_writes(process, repository)
    begin = time.perf_counter()
    said, errors = process.communicate()
    assert process.returncode == 0, said + errors
    return time.perf_counter() - begin


def killed_after(run, repository, seconds):
    """Kill an export so long after it began to write; whether it came in time."""
    process = start(run, repository)
    wait_until_it_writes(process, repository)
    time.sleep(seconds)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def kill_and_go_on(run, repository, kills):
    assert killed_after(run, repository, 0)
    assert whole_versions(repository) == ()
    longest = seconds_of_writing(run, repository)
    assert whole_versions(repository) == (1,)
    assert leftovers(repository) == []
    generator, killed = random.Random(0), 1
    while killed < kills:
        before = whole_versions(repository)
        delay = longest * (killed - 1 + generator.random()) / (kills - 1)
        if killed_after(run, repository, delay):
            killed += 1
        else:  # too late
            longest *= 0.9
        seen = whole_versions(repository)
        assert seen[: len(before)] == before
        assert len(seen) <= len(before) + 1
        assert int(write_version(repository, files=1).name) > seen[-1]
        assert leftovers(repository) == []


@pytest.mark.slow
def test_two_kills_leave_whole_versions_only(run, tmp_path):
    kill_and_go_on(run, tmp_path, 2)


@pytest.mark.soak
def test_twenty_kills_leave_whole_versions_only(run, tmp_path):
    kill_and_go_on(run, tmp_path, 20)
