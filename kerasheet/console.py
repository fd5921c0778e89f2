"""Speaking to a person in a terminal."""

import os
import sys
from collections.abc import Callable, Sequence

import typer
from rich.console import Console

from kerasheet.errors import KerasheetError

console = Console(highlight=False)


def load_tensorflow(before: Callable[[], bool] = lambda: True) -> bool:
    """Import TensorFlow without its start-up lines.

    It writes them to the stderr of the process before any setting can stop it. What it
    logs later as an error is about speed; what fails is raised as well.

    Args:
        before: called before TensorFlow's first operation.

    Returns:
        What `before` did.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow

        from kerasheet.devices import use_gpus

        use_gpus()
        answer = before()
        tensorflow.zeros(1)  # starts the devices, which have lines of their own
        return answer
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def run_app(
    app: typer.Typer,
    program: str,
    arguments: Sequence[str] | None = None,
    *kinds: type[Exception],
) -> None:
    """Run a command line; an error meant for a person is its sentence and status 1.

    Args:
        app: the command line.
        program: its name.
        arguments: words after the name; None takes the process's own.
        *kinds: errors of this sort beside kerasheet's own and the system's.
    """
    meant_for_people: tuple[type[Exception], ...] = (KerasheetError, OSError, *kinds)
    words = None if arguments is None else list(arguments)
    try:
        app(words, prog_name=program)
    except meant_for_people as error:
        print(f"{program}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
