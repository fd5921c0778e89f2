"""What is held in memory, and that the rest is not."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from kerasheet.data import memory
from kerasheet.data.memory import fits, memory_limit

GB = 2**30
EPOCH = Path(__file__).with_name("epoch_in_little_memory.py")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Sixteen gigabytes, without limits of any kind."""
    pages = {"SC_PHYS_PAGES": 16 * GB // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr("os.sysconf", pages.get)
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr("resource.getrlimit", lambda _: unlimited)
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    monkeypatch.setattr(memory, "MEMBERSHIP", tmp_path / "membership")
    return tmp_path


def test_a_quarter_of_the_memory_is_for_data(machine):
    assert memory_limit() == 4 * GB
    assert fits(GB, None)
    assert not fits(GB + 1, None)


def test_a_limit_of_the_process_counts(machine, monkeypatch):
    limits = {resource.RLIMIT_AS: 8 * GB, resource.RLIMIT_DATA: 2 * GB}
    monkeypatch.setattr("resource.getrlimit", lambda kind: (limits[kind], 0))
    assert memory_limit() == GB // 2


@pytest.mark.parametrize("level", ["a/b", "a", "."])
def test_a_limit_of_a_container_counts(machine, level):
    (machine / "membership").write_text("1:cpu:/elsewhere\n0::/a/b\n")
    (machine / "a" / "b").mkdir(parents=True)
    (machine / "a" / "b" / "memory.max").write_text("max\n")
    assert memory_limit() == 4 * GB
    (machine / level / "memory.max").write_text(f"{2 * GB}\n")
    assert memory_limit() == GB // 2


def measure_epoch(directory, kind, count, size, memory):
    """What a process of its own says of the memory that an epoch takes."""
    command = [sys.executable, EPOCH, directory, kind, str(count), str(size), memory]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", ["folder", "records", "training"])
def test_an_epoch_takes_no_more_memory_than_some_batches(tmp_path, kind):
    figures = measure_epoch(tmp_path, kind, 2400, 64, "free")
    assert figures["decoded_megabytes"] >= 112
    assert figures["growth_megabytes"] < 40  # a busy machine reads further ahead


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["folder", "records", "training"])
def test_an_epoch_over_4_gigabytes_goes_by_in_a_process_limited_to_2(tmp_path, kind):
    figures = measure_epoch(tmp_path, kind, 7200, 224, "limited")
    assert figures["decoded_megabytes"] > 4096
    assert figures["peak_megabytes"] < 2048
