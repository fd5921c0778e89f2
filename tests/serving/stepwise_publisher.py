"""Publish again and again, killed before the first file operation, the second, ...

    python stepwise_publisher.py DIRECTORY

Each time in the next repository DIRECTORY/1, DIRECTORY/2 ..., until one is not killed.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from publisher import write_version

OPERATIONS = ("open", "os.", "fcntl.", "shutil.")


def kill_before(step):
    """SIGKILL this process before its file operation of that number."""
    operations = count(1)

    def look(event, arguments):
        if event.startswith(OPERATIONS) and next(operations) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def published(root, step):
    child = os.fork()
    if child == 0:
        kill_before(step)
        write_version(root, files=2)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    return code == 0


def main(directory):
    write_version(directory / "imports")  # later ones load no modules
    for step in count(1):
        if published(directory / str(step), step):
            print(step)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
