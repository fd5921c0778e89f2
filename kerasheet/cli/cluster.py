"""A command's place among the workers of a cluster."""

import os

from kerasheet.console import console


def join_cluster() -> None:
    """Wait for the workers that `TF_CONFIG` names, and leave speaking to the chief."""
    if os.environ.get("TF_CONFIG"):
        console.print("TF_CONFIG is set: waits for all workers.")
    from kerasheet.training.distribute import Workers, find_strategy

    console.quiet = not Workers(find_strategy()).is_chief
