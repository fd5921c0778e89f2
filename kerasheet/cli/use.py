"""`kerasheet evaluate`, `predict`, `generate` and `report`: what a run is good for."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kerasheet.cli.app import RunDirectory, app
from kerasheet.console import console, load_tensorflow


@app.command()
def evaluate(
    run: RunDirectory,
    data: Annotated[
        str | None,
        typer.Option(help="Data to test on.", show_default="the run's own"),
    ] = None,
) -> None:
    """Measure a trained model on test data."""
    load_tensorflow()
    from kerasheet.training import evaluate_run, read_run

    figures = evaluate_run(read_run(run), data)
    table = Table("figure", "value")
    for name, value in figures.items():
        table.add_row(name, f"{value:.4f}")
    console.print(table)


@app.command()
def predict(
    run: RunDirectory,
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE…", help="Image files.")
    ],
    resize: Annotated[
        bool, typer.Option("--resize", help="Scale and convert to the model's input.")
    ] = False,
) -> None:
    """Say what a trained model sees in image files."""
    load_tensorflow()
    from kerasheet.training import predict_files, read_run

    table = Table("image", "answer", "probability", "second guess")
    for path, ranked in predict_files(read_run(run), images, resize):
        (answer, probability), (second, chance) = ranked[:2]
        table.add_row(
            str(path), answer, f"{probability:.1%}", f"{second} ({chance:.1%})"
        )
    console.print(table)


@app.command()
def generate(
    run: RunDirectory,
    prompt: Annotated[str, typer.Option(help="Text to continue.")] = "the ",
    length: Annotated[int, typer.Option(help="Tokens to write.")] = 200,
    temperature: Annotated[
        float, typer.Option(help="0: always the likeliest; above 1: wild.")
    ] = 0.8,
    top_k: Annotated[
        int | None,
        typer.Option(help="Draw among so many likeliest tokens.", show_default="all"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same text.")] = 0,
) -> None:
    """Let a trained language model continue a text.

    Example: kerasheet generate runs/rnn_lm-pydocs --prompt "The class "
    """
    load_tensorflow()
    from kerasheet.language import generate as write
    from kerasheet.training import load_language_model, read_run

    model, vocabulary = load_language_model(read_run(run))
    if lacking := vocabulary.unknown(prompt):
        names = ", ".join(map(repr, lacking))
        console.print(f"Read as <unk>, for the vocabulary lacks them: {names}.")
    tokens = write(
        model,
        vocabulary,
        prompt,
        length,
        temperature=temperature,
        top_k=top_k,
        seed=seed,
    )
    typer.echo(prompt, nl=False)
    for token in tokens:
        typer.echo(token, nl=False)
    typer.echo()


@app.command()
def report(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN…", help="Run directories.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            help="File to write.", show_default="report.html, in RUN if it is one"
        ),
    ] = None,
    samples: Annotated[
        int, typer.Option(min=0, help="Worst mistakes to show of each run.")
    ] = 16,
) -> None:
    """Write a page about a run, or about several side by side.

    It shows curves, confusions, the worst mistakes, the first layer's filters, the
    model's layers with their cost, the recipe and the environment, in one file.

    Example: kerasheet report runs/lenet-digits runs/mlp-digits --output both.html
    """
    load_tensorflow()
    from kerasheet.report import write_report
    from kerasheet.training import read_run

    directory = runs[0] if len(runs) == 1 else Path()
    path = directory / "report.html" if output is None else output
    write_report([read_run(run) for run in runs], path, samples)
    console.print(f"Report: {path}")
