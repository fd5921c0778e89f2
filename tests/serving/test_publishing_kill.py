"""A version whose writer is killed is there as a whole, or not at all."""

import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from publisher import go, start, write_version
from repository_state import leftovers, whole_versions

KILLS = 20
STEPWISE = Path(__file__).with_name("stepwise_publisher.py")


def seconds_until_killed(process, limit):
    """Kill it so much later; how long it lived, which is less if it was done before."""
    begin = time.perf_counter()
    with suppress(subprocess.TimeoutExpired):
        process.wait(limit)
    process.kill()
    process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)
    return time.perf_counter() - begin


def assert_goes_on(root, before):
    """All that is seen is whole, the next version is new, and nothing is left over."""
    seen = whole_versions(root)
    assert seen[: len(before)] == before
    assert len(seen) <= len(before) + 1
    newest = int(write_version(root, files=1).name)
    assert newest > max(seen, default=0)
    assert whole_versions(root) == (*seen, newest)
    assert leftovers(root) == []
    return seen != before


def test_twenty_kills_leave_whole_versions_only(tmp_path):
    generator, killed, longest = random.Random(0), 0, 60
    while killed < KILLS:
        before = whole_versions(tmp_path)
        fraction = (killed + generator.random()) / KILLS
        process = start(tmp_path, "M")
        go(process)
        seconds = seconds_until_killed(process, fraction * longest)
        if process.returncode == 0:  # the first, and one that was done before
            longest = seconds
        else:
            killed += 1
        assert_goes_on(tmp_path, before)


def repositories_killed_at_every_step(directory):
    process = [sys.executable, STEPWISE, directory]
    said = subprocess.run(process, capture_output=True, text=True, check=True)
    return [directory / str(step + 1) for step in range(int(said.stdout))]


def test_a_kill_before_any_operation_leaves_a_whole_version_or_none(tmp_path):
    killed = repositories_killed_at_every_step(tmp_path)
    published = [assert_goes_on(root, ()) for root in killed if root.exists()]
    assert len(published) > 40
    first = published.index(True)  # from then on, the new name is there
    assert published == [False] * first + [True] * (len(published) - first)
    assert len(published) - first > 3


def test_a_number_once_seen_is_remembered_wherever_its_writer_was_killed(tmp_path):
    for root in repositories_killed_at_every_step(tmp_path):
        if (root / "M" / "1").exists():
            shutil.rmtree(root / "M" / "1")
            assert write_version(root, files=1).name == "2"
