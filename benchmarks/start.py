"""Seconds until Python has imported kerasheet, and until the command shows its help.

    make bench ONLY=start

Each is a process of its own. What kerasheet adds to keras is timed inside one that
imports both: two processes differ by more than that.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from measuring import Row, figure, take_turns
from recording import run

TURNS = 9
ALL = "kerasheet.ops, kerasheet.layers, kerasheet.models, kerasheet.training"
SCRIPTS = {
    "import keras": "import keras",
    "import kerasheet": f"import keras, {ALL}",
}
COMMANDS = {
    "kerasheet --help": [str(Path(sys.executable).parent / "kerasheet"), "--help"],
    **{name: [sys.executable, "-c", script] for name, script in SCRIPTS.items()},
}
ADDED = f"""import keras, time
begun = time.perf_counter()
import {ALL}
print(time.perf_counter() - begun)"""
AT_MOST = {"kerasheet --help": 0.5}


def measure(short: bool) -> Iterator[Row]:
    """A row per command, and one for what kerasheet adds to keras."""
    sides = {name: _process(words) for name, words in COMMANDS.items()}
    taken = take_turns(sides, turns=2 if short else TURNS, warm_up=1)
    for name, seconds in taken.items():
        wall = [one.wall for one in seconds]
        yield figure(name, wall, unit="s", at_most=AT_MOST.get(name))
    words = [sys.executable, "-c", ADDED]
    more = [float(subprocess.check_output(words)) for _ in taken["import keras"]]
    yield figure("import kerasheet over import keras", more, unit="s", at_most=0.3)


def _process(words: list[str]) -> Callable[[], object]:
    return lambda: subprocess.run(words, check=True, capture_output=True)


if __name__ == "__main__":
    run(__file__, measure)
