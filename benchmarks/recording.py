"""What a benchmark writes down: its rows, and where and when they were measured.

```
results/NAME.json
    name, what              the script's, and the first line of its docstring
    date, commit            UTC; "-changed" after the commit if files differed from it
    device                  "cpu" or "gpu"
    machine                 processor, cores, memory_gib, system
    load_average            of 1, 5, 15 minutes: [before, after]; more than about 0.5
                            before means that others were at work
    versions                of Python and of the packages in use
    rows                    as `measuring.comparisons` and `measuring.figure` make them
```
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from measuring import Row

PLACE = Path(__file__).parent / "results"
PACKAGES = ("numpy", "keras", "tensorflow", "torch", "onnx", "onnxruntime")

Measure = Callable[[bool], Iterable[Row]]
"""From whether to do the least that shows that it runs, to rows."""


def device() -> str:
    """What `run_all` measures on, `"cpu"` or `"gpu"`."""
    return os.environ.get("DEVICE") or "cpu"


def run(script: str, measure: Measure, versions: dict[str, str] | None = None) -> None:
    """Measure, print every row as it comes, and unless `--short` record all.

    Args:
        script: the `__file__` of the benchmark.
        measure: gives its rows.
        versions: of what is installed elsewhere than in this venv.
    """
    what = (sys.modules["__main__"].__doc__ or "").strip().splitlines()[0]
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--short", action="store_true", help="see that it runs")
    short = parser.parse_args().short
    before = os.getloadavg()
    rows: list[Row] = []
    for row in measure(short):
        print(show(row), flush=True)
        rows.append(row)
        if not short:  # at once: what ends a run early loses no more than a row
            write(Path(script).stem, what, rows, before, versions or {})


def write(
    name: str,
    what: str,
    rows: list[Row],
    before: tuple[float, ...],
    versions: dict[str, str],
) -> None:
    """Write the results, with all that is needed to judge them."""
    result = {
        "name": name,
        "what": what,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "device": device(),
        "machine": machine(),
        "load_average": [[round(one, 2) for one in before], _load()],
        "versions": {**_versions(), **versions},
        "rows": rows,
    }
    PLACE.mkdir(exist_ok=True)
    suffix = "" if device() == "cpu" else f".{device()}"
    path = PLACE / f"{name}{suffix}.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def show(row: Row) -> str:
    """A row in a line."""
    if "figure" in row:
        low, middle, high = row["figure"]
        return f"{row['case']} | {middle:g} ({low:g}-{high:g}) {row['unit']}"
    ratios = (
        f"{clock} {row[clock][1]:.2f} ({row[clock][0]:.2f}-{row[clock][2]:.2f})"
        for clock in ("wall", "cpu")
    )
    return " | ".join([row["case"], f"over {row['peer']}", *ratios])


def machine() -> dict[str, Any]:
    """The computer."""
    fields = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((f.split(": ")[1] for f in fields if "model name" in f), "")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": name or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def _load() -> list[float]:
    return [round(one, 2) for one in os.getloadavg()]


def _versions() -> dict[str, str]:
    own = {"python": platform.python_version()}
    return own | {name: metadata.version(name) for name in PACKAGES if _has(name)}


def _has(name: str) -> bool:
    return name in sys.modules


def _commit() -> str:
    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "..")
    return git("rev-parse", "--short", "HEAD") + ("-changed" if changed else "")
