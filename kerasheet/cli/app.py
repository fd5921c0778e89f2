"""The command itself: its help, its version, what several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from kerasheet import __version__
from kerasheet.console import console

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The Deep Learning Cheat Sheet as software: train, export and serve its "
    "models. Start with: kerasheet demo",
)

RunDirectory = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")]


def _print_version(asked: bool) -> None:
    if asked:
        console.print(f"kerasheet {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Options of every command."""
