"""`kerasheet export`, `verify` and `demo`, mounted by the `kerasheet` command."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from kerasheet.console import console, load_tensorflow, run_app
from kerasheet_serving.errors import ServingError

if TYPE_CHECKING:
    from kerasheet_serving import Deviation


def export_main(arguments: Sequence[str], program: str) -> None:
    """Publish a run as SavedModel and ONNX in a model repository."""
    _run(_export, arguments, program)


def demo_main(arguments: Sequence[str], program: str) -> None:
    """Train, export, prove and serve a model on real images, in a minute."""
    _run(_demo, arguments, program)


def verify_main(arguments: Sequence[str], program: str) -> None:
    """Check a published version again, from what it holds."""
    _run(_verify, arguments, program)


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
        typer.Option(help="A number never used before.", show_default="the next one"),
    ] = None,
    formats: Annotated[
        str, typer.Option(help="Of saved_model, onnx and litert, with commas between.")
    ] = "saved_model,onnx",
    opset: Annotated[int, typer.Option(help="Of ONNX's operators, 13 to 18.")] = 17,
    quantize: Annotated[
        str,
        typer.Option(
            help="More ONNX files in fewer bits: int8, fp16 or int8,fp16. Refused if "
            "they lose more than half a point of accuracy, or save too little.",
            show_default="none",
        ),
    ] = "",
    rnn: Annotated[
        str,
        typer.Option(help="A language model's recurrence in ONNX: loop or native."),
    ] = "loop",
    uint8: Annotated[
        bool, typer.Option("--uint8", help="Take images as bytes, scaled in the graph.")
    ] = False,
) -> None:
    """Publish a run as SavedModel and ONNX in a model repository.

    The version is published only if Keras, the SavedModel and ONNX Runtime agree.

    Example: kerasheet export runs/lenet_batch_norm-digits repository
    """
    load_tensorflow()
    from kerasheet.training import read_run
    from kerasheet_export.publish import export
    from kerasheet_serving import read_manifest

    with console.status("Loading the run") as status:
        path = export(
            read_run(run),
            repository,
            name,
            version=version,
            formats=_words(formats),
            opset=opset,
            quantize=_words(quantize),
            rnn=rnn,
            uint8=uint8,
            tell=status.update,
        )
    manifest = read_manifest(path)
    console.print(_parity_table(manifest.parity))
    for form, figures in manifest.reductions.items():
        console.print(
            f"{form}: accuracy {figures['accuracy']:.2%} instead of "
            f"{figures['float32_accuracy']:.2%} in "
            f"{figures['size'] / figures['float32_size']:.2f} of the bytes"
        )
    console.print(f"Published: {path}")
    console.print(f"Next: kerasheet serve {repository}")


def _verify(
    version: Annotated[
        Path, typer.Argument(metavar="REPOSITORY/MODEL/VERSION", help="A directory.")
    ],
) -> None:
    """Check a published version again, from what it holds.

    Checksums, signatures, warm-up requests, and that every form answers the version's
    own test data as Keras did.

    Example: kerasheet verify repository/lenet_batch_norm/1
    """
    load_tensorflow()
    from kerasheet_export.verification import verify

    with console.status("Asking every form"):
        parity = verify(version)
    console.print(_parity_table(parity))
    console.print(f"Verified: {version}")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _parity_table(parity: Mapping[str, Mapping[str, "Deviation"]]) -> Table:
    table = Table("form", "output", "largest difference", "relative")
    for form, outputs in parity.items():
        for output, delta in outputs.items():
            figures = (f"{delta.absolute:.1e}", f"{delta.relative:.1e}")
            table.add_row(form, output, *figures)
    return table


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
