"""Nothing is lost while versions replace each other under load, and nothing grows."""

import asyncio
import signal
from pathlib import Path

import numpy as np
import pytest
from reloaded_repository import IMAGES, Reloaded
from serving_process import serve
from soak_clients import Clients

from kerasheet_serving import Session

MEGABYTE = 2**20


def resident_bytes(process):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(kilobytes) * 1024


async def soak(process, clients, reloaded, count, seconds, pause):
    """Ask for so long while versions come and go; returns the series of memory."""
    loop = asyncio.get_running_loop()
    asking = asyncio.create_task(clients.run(count))
    end, memory = loop.time() + seconds, []
    while loop.time() < end:
        await asyncio.sleep(pause)  # the rhythm of the load, which decides nothing
        await asyncio.to_thread(reloaded.publish)
        memory.append((loop.time(), resident_bytes(process)))
    clients.stop()
    await asking
    return np.array(memory)


def soaked(tmp_path, count, seconds, pause, capsys):
    reloaded = Reloaded(tmp_path, kept=3)
    options = ("--poll-seconds", "0.2", "--grpc-port", "off")
    with serve(tmp_path / "models", *options) as (process, url):
        clients = Clients(url, reloaded)
        memory = asyncio.run(soak(process, clients, reloaded, count, seconds, pause))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        code = process.returncode
    assert clients.wrong == []
    assert code == 0
    half = memory[len(memory) // 2 :]
    slope = 0.0
    if len(half) > 2:
        slope = np.polyfit(half[:, 0], half[:, 1], 1)[0] * 60 / MEGABYTE
    with capsys.disabled():
        print(
            f"\n{count} clients: {dict(clients.answered)} answered bit for bit, "
            f"{clients.refused} for deleted versions, {len(clients.versions)} versions "
            f"of {reloaded.newest}; MB {(memory[:, 1] // MEGABYTE).tolist()}, "
            f"{slope:.1f} MB a minute in the second half"
        )
    return clients, slope


def test_rows_are_the_same_bits_in_batches_of_every_size(tmp_path):
    """What lets the soak compare bits: ONNX Runtime computes each row as if alone."""
    reloaded = Reloaded(tmp_path, kept=1)
    session = Session(tmp_path / "models" / "lenet" / "1")
    for rows in range(1, 33):
        images = np.resize(IMAGES, (rows, 28, 28, 1))
        logits = session.run({"images": images})["logits"]
        expected = np.resize(reloaded.expected[1], (rows, 10))
        np.testing.assert_array_equal(logits, expected)


def test_nothing_is_lost_while_versions_replace_each_other(tmp_path, capsys):
    clients, _ = soaked(tmp_path, count=32, seconds=4, pause=0.5, capsys=capsys)
    assert set(clients.answered) == {"newest", "numbered", "inference"}
    assert len(clients.versions) > 2


@pytest.mark.soak
@pytest.mark.parametrize(("count", "seconds", "most"), [(256, 60, 10), (64, 300, 1)])
def test_nothing_is_lost_and_nothing_grows(tmp_path, capsys, count, seconds, most):
    """At thirty versions a minute; the allocator is at rest after a few minutes."""
    clients, slope = soaked(tmp_path, count, seconds, pause=2, capsys=capsys)
    assert len(clients.versions) > seconds / 6
    assert slope < most  # MB a minute
