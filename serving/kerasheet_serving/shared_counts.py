"""Counts that several processes put together, as Prometheus' client library does."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kerasheet_serving.errors import ServingError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""Variable of the environment: directory in which processes put their counts together.

What the client library reads when it is imported, and not this application's choice.
"""


def are_shared() -> bool:
    """Whether this process shares its counts with others."""
    return SHARED_COUNTS in os.environ


def check_directory() -> None:
    """Refuse a directory that is none, where one is named.

    Raises:
        ServingError: it is.
    """
    directory = os.environ.get(SHARED_COUNTS)
    if directory is not None and not os.path.isdir(directory):
        raise ServingError(
            f"{SHARED_COUNTS} names {directory!r}, which is no directory. Make it, or "
            "take the variable out of the environment."
        )


def joined() -> "CollectorRegistry":
    """The counts of all processes."""
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    registry.register(_Files())
    return registry


class _Files:
    """What processes have counted in their files.

    The library fails at one that is still empty because a process just makes it.
    """

    def collect(self) -> "Iterable[Metric]":
        from prometheus_client.multiprocess import MultiProcessCollector

        files = Path(os.environ[SHARED_COUNTS]).glob("*.db")
        begun = [str(file) for file in files if _size(file)]
        return MultiProcessCollector.merge(begun)  # type: ignore[no-untyped-call]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # of a process that has just ended
        return 0


def forget_process(number: int) -> None:
    """Let what waited in a process that has ended not be counted any more."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(number)  # type: ignore[no-untyped-call]
