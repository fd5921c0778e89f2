"""A command's place among the workers of a cluster."""

import os
import signal
import threading
import time

from kerasheet.cluster import LAUNCHED_BY
from kerasheet.console import console


def join_cluster() -> bool:
    """Wait for the workers that `TF_CONFIG` names; only their chief goes on speaking.

    Returns:
        Whether this is the chief, as a process on its own is.
    """
    if LAUNCHED_BY in os.environ:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    elif os.environ.get("TF_CONFIG"):
        console.print("TF_CONFIG is set: waits for all workers.")
    from kerasheet.training.distribute import find_strategy
    from kerasheet.training.workers import Workers

    # TensorFlow waits where Python hears no signal: there, Ctrl-C ends the process.
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        is_chief = Workers(find_strategy()).is_chief
    finally:
        signal.signal(signal.SIGINT, usual)
    console.quiet = not is_chief
    return is_chief


def _end_with_parent() -> None:
    """Stop when `kerasheet launch` is gone."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
