"""How much data may be held in memory."""

import os
import resource
from pathlib import Path

FLOAT32_BYTES = 4
GROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def memory_limit() -> int:
    """A quarter of the memory that this process may have, in bytes.

    That is the machine's, or less if a container or `ulimit` allows less. It does not
    depend on what else runs, so the same data is always held in the same way.
    """
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft, _ = resource.getrlimit(kind)
        limits += [soft] if soft != resource.RLIM_INFINITY else []
    return min(limits + _container_limits()) // 4


def fits(numbers: int, limit: int | None) -> bool:
    """Whether so many float32 numbers may be held in memory.

    Args:
        numbers: how many.
        limit: most bytes they may take; None for a quarter of the memory.

    Example:
    >>> fits(28 * 28, 4000), fits(28 * 28, 3000)
    (True, False)
    """
    return numbers * FLOAT32_BYTES <= (memory_limit() if limit is None else limit)


def _container_limits() -> list[int]:
    """What the control groups of this process allow it, if it is in any (Linux)."""
    if not MEMBERSHIP.is_file():
        return []
    limits = []
    for line in MEMBERSHIP.read_text().splitlines():
        group = Path(line.removeprefix("0::")) if line.startswith("0::/") else None
        for level in (group, *group.parents) if group else ():
            file = GROUPS / level.relative_to("/") / "memory.max"
            text = file.read_text().strip() if file.is_file() else "max"
            limits += [int(text)] if text != "max" else []
    return limits
