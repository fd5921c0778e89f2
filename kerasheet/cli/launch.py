"""`kerasheet launch`."""

import sys
from typing import Annotated

import typer

from kerasheet.cli.app import app
from kerasheet.cluster import LocalCluster
from kerasheet.console import console
from kerasheet.errors import TrainingError


@app.command(context_settings={"allow_interspersed_args": False})
def launch(
    command: Annotated[
        list[str],
        typer.Argument(metavar="train …", help="The command, as if there was one."),
    ],
    workers: Annotated[int, typer.Option(min=1, help="Processes to start.")] = 2,
    restarts: Annotated[
        int, typer.Option(min=0, help="Times that a killed worker is made good.")
    ] = 3,
) -> None:
    """Train with several worker processes on this machine, as a cluster would.

    Each takes a part of every batch on its share of the cores, and all end with the
    same weights. It is the rehearsal for several machines, where the same command runs
    with TF_CONFIG set; docs/cluster.md says how. When a worker is killed, all go on
    from the last checkpoint.

    Example: kerasheet launch --workers 2 train lenet --data digits
    """
    if command[0] != "train":
        raise TrainingError(
            f"`kerasheet launch` starts trainings. Received: {command[0]!r}. Write: "
            "kerasheet launch --workers 2 train NAME"
        )
    words = [sys.executable, "-m", "kerasheet", *command]
    status = LocalCluster(words, workers, console.print).run(restarts)
    if status:
        raise typer.Exit(status)
