"""The commands of the other distributions, where they are installed."""

from importlib.metadata import EntryPoint, entry_points

import typer

from kerasheet.cli.app import app


def mount(entry: EntryPoint) -> None:
    """Make another distribution's `main(arguments, program)` a command of ours."""
    program = entry.load()

    @app.command(
        entry.name,
        help=(program.__doc__ or "").splitlines()[0],
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        add_help_option=False,
    )
    def run(context: typer.Context) -> None:
        program(context.args, f"kerasheet {entry.name}")


for _entry in sorted(entry_points(group="kerasheet.commands"), key=lambda e: e.name):
    mount(_entry)
