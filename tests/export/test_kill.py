"""An export that is killed leaves the whole version, or none."""

import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from publisher import write_version
from repository_state import leftovers, whole_versions

from kerasheet.training import default_recipe, train


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The smallest: what takes long is to start, and not what is written."""
    recipe = default_recipe("softmax_regression", "digits", epochs=1)
    return train(recipe, tmp_path_factory.mktemp("runs") / "softmax")


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


def seconds_of_writing(run, repository, limit):
    """Kill an export so long after it began to write; less if it was done before.

    It begins to write when TensorFlow has started and the run is read.
    """
    process = start(run, repository)
    wait_until_it_writes(process, repository)
    begin = time.perf_counter()
    with suppress(subprocess.TimeoutExpired):
        process.wait(limit)
    process.kill()
    said, errors = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), said + errors
    return time.perf_counter() - begin, process.returncode != 0


def kill_and_go_on(run, repository, kills):
    assert seconds_of_writing(run, repository, 0)[1]
    assert whole_versions(repository) == ()
    longest, _ = seconds_of_writing(run, repository, 600)
    assert whole_versions(repository) == (1,)
    assert leftovers(repository) == []
    generator, killed = random.Random(0), 1
    while killed < kills:
        before = whole_versions(repository)
        fraction = (killed - 1 + generator.random()) / (kills - 1)
        seconds, in_time = seconds_of_writing(run, repository, fraction * longest)
        killed += in_time
        longest = longest if in_time else seconds
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
