"""Speaking to a person in a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from kerasheet.errors import KerasheetError

console = Console(highlight=False)


def load_tensorflow() -> None:
    """Import TensorFlow without its start-up lines.

    It writes them to the stderr of the process before any setting can stop it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow

        tensorflow.zeros(1)  # starts the devices, which have lines of their own
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


@contextmanager
def one_sentence(*kinds: type[Exception]) -> Iterator[None]:
    """End the program on an error meant for a person: its sentence and status 1.

    Args:
        *kinds: errors of this sort beside kerasheet's own and the system's.
    """
    meant_for_people: tuple[type[Exception], ...] = (KerasheetError, OSError, *kinds)
    try:
        yield
    except meant_for_people as error:
        print(f"kerasheet: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("kerasheet: interrupted.", file=sys.stderr)
        raise SystemExit(130) from None
