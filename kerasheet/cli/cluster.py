"""A command's place among the workers of a cluster."""

import os

from kerasheet.console import console


def join_cluster() -> bool:
    """Wait for the workers that `TF_CONFIG` names; only their chief goes on speaking.

    Returns:
        Whether this is the chief, as a process on its own is.
    """
    if os.environ.get("TF_CONFIG"):
        console.print("TF_CONFIG is set: waits for all workers.")
    from kerasheet.training.distribute import Workers, find_strategy

    is_chief = Workers(find_strategy()).is_chief
    console.quiet = not is_chief
    return is_chief
