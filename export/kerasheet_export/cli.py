"""`kerasheet export` and `kerasheet demo`, mounted by the `kerasheet` command."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from kerasheet.console import console, load_tensorflow, run_app
from kerasheet_serving.errors import ServingError


def export_main(arguments: Sequence[str], program: str) -> None:
    """Publish a run as SavedModel and ONNX in a model repository."""
    _run(_export, arguments, program)


def demo_main(arguments: Sequence[str], program: str) -> None:
    """Train, export, prove and serve a model on real images, in a minute."""
    _run(_demo, arguments, program)


def _export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")],
    repository: Annotated[
        Path, typer.Argument(metavar="REPOSITORY", help="Made if it is not there.")
    ],
    name: Annotated[
        str | None,
        typer.Option(help="Of the model there.", show_default="the model's own"),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option(help="A number not yet taken.", show_default="the next one"),
    ] = None,
) -> None:
    """Publish a run as SavedModel and ONNX in a model repository.

    The version is published only if Keras, the SavedModel and ONNX Runtime agree.

    Example: kerasheet export runs/lenet_batch_norm-digits repository
    """
    load_tensorflow()
    from kerasheet.training import read_run
    from kerasheet_export.publish import export
    from kerasheet_serving import read_manifest

    path = export(read_run(run), repository, name, version=version)
    for form, delta in read_manifest(path).parity.items():
        console.print(f"{form}: within {delta:.1e} of Keras' probabilities")
    console.print(f"Published: {path}")
    console.print(f"Next: kerasheet serve {repository}")


def _demo(
    directory: Annotated[
        Path, typer.Option(help="Where the run and the repository go.")
    ] = Path("kerasheet-demo"),
) -> None:
    """Train, export, prove and serve a model on real images, in a minute.

    Everything it makes stays in the directory, to be looked at and served again.
    """
    load_tensorflow()
    from kerasheet_export.demo import demo

    demo(directory, console)


def _run(command: Callable[..., None], arguments: Sequence[str], program: str) -> None:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    run_app(app, program, arguments, ServingError)
