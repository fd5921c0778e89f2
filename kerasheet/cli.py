"""The `kerasheet` command.

Keras and TensorFlow take seconds to import, so each command imports what it needs
when it runs.
"""

import shlex
import sys
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from kerasheet import __version__
from kerasheet.console import console, load_tensorflow, run_app

if TYPE_CHECKING:
    from kerasheet.training import Recipe, Run

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The Deep Learning Cheat Sheet as software: train, export and serve its "
    "models. Start with: kerasheet demo",
)

TEXT = "Options for text (rnn_lm)"
IMAGES = "Options for images"

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


@app.command()
def models() -> None:
    """List the models and the data they can be trained on."""
    load_tensorflow()
    from kerasheet.data import DATA, TEXTS
    from kerasheet.models import MODELS

    table = Table("model", "what it is", "source")
    for name, build in MODELS.items():
        if isinstance(build, partial):
            form = ", ".join(f"{key}={value}" for key, value in build.keywords.items())
            table.add_row(name, f"{build.func.__name__} with {form}")
            continue
        lines = (build.__doc__ or "").splitlines()
        [source] = [line.split("Source: ")[1] for line in lines if "Source: " in line]
        table.add_row(name, lines[0], source)
    console.print(table)
    console.print(f"Images: {', '.join(DATA)}")
    console.print(f"Texts, for rnn_lm: {', '.join(TEXTS)}, or a text file")
    console.print("Train one: kerasheet train lenet_batch_norm --data digits")


@app.command()
def train(
    name: Annotated[
        str, typer.Argument(help="A model; `kerasheet models` lists them.")
    ],
    data: Annotated[
        str | None,
        typer.Option(
            help="digits, fashion_mnist, a folder of images, an .npz file or a "
            "TFRecord set; for rnn_lm pydocs, time_machine or a UTF-8 text file.",
            show_default="digits, pydocs",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(help="Directory to write.", show_default="runs/NAME-DATA"),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            help="Resize images to this height and width, in pixels.",
            rich_help_panel=IMAGES,
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(help="Train on so many images only.", rich_help_panel=IMAGES),
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(
            help="Share of the training images that is held out to choose by.",
            rich_help_panel=IMAGES,
        ),
    ] = None,
    flip: Annotated[
        bool,
        typer.Option("--flip", help="Mirror images by chance.", rich_help_panel=IMAGES),
    ] = False,
    crop: Annotated[
        int,
        typer.Option(
            help="Cut images out of a frame wider by so many pixels.",
            rich_help_panel=IMAGES,
        ),
    ] = 0,
    shift: Annotated[
        int,
        typer.Option(
            help="Move images by up to so many pixels.", rich_help_panel=IMAGES
        ),
    ] = 0,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Samples per step.")] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="sgd, adam, adamw, rmsprop or adagrad.")
    ] = None,
    momentum: Annotated[
        float | None, typer.Option(help="Of sgd, from 0 to below 1.")
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(help="Of the learning rate: constant, step or cosine."),
    ] = None,
    warmup: Annotated[
        int | None,
        typer.Option(help="Batches during which the learning rate grows."),
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help="Of kernels, not of biases.")
    ] = None,
    label_smoothing: Annotated[
        float | None, typer.Option(help="Share of a label spread over all classes.")
    ] = None,
    accumulation: Annotated[
        int | None, typer.Option(help="Batches that make one step together.")
    ] = None,
    mixed_precision: Annotated[
        bool,
        typer.Option(
            "--mixed-precision",
            help="Compute in 16 bits: float16 on a GPU, bfloat16 elsewhere.",
        ),
    ] = False,
    tensorboard: Annotated[
        Path | None, typer.Option(help="Directory for TensorBoard's event files.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Same seed, same weights.", show_default="0")
    ] = None,
    clip: Annotated[
        float | None, typer.Option(help="Largest norm of all gradients together.")
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="Stop after so many epochs without gain on held-out data."),
    ] = None,
    units: Annotated[
        int | None, typer.Option(help="Size of the hidden state.", rich_help_panel=TEXT)
    ] = None,
    layers: Annotated[
        int | None, typer.Option(help="Recurrent layers.", rich_help_panel=TEXT)
    ] = None,
    sampling: Annotated[
        str | None,
        typer.Option(
            help="consecutive hands the state from batch to batch, random begins anew.",
            rich_help_panel=TEXT,
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Tokens in a window.", rich_help_panel=TEXT)
    ] = None,
    tokens: Annotated[
        int | None,
        typer.Option(help="Train on the first so many only.", rich_help_panel=TEXT),
    ] = None,
    words: Annotated[
        bool, typer.Option("--words", help="Words as tokens.", rich_help_panel=TEXT)
    ] = False,
    min_frequency: Annotated[
        int | None,
        typer.Option(help="Rarer tokens become <unk>.", rich_help_panel=TEXT),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a training that was stopped.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a run that is there.")
    ] = False,
) -> None:
    """Train a model and write a run directory.

    What you do not set comes from the model's published recipe, or, for the small
    digits data, from one that suits it.

    Example: kerasheet train mlp --data digits --epochs 5 --run runs/first

    Example: kerasheet train rnn_lm --data pydocs --epochs 3

    Example: kerasheet train resnet18 --data photos --size 64 --flip --resume
    """
    load_tensorflow()
    from kerasheet.devices import mixed_precision_policy
    from kerasheet.errors import TrainingStopped
    from kerasheet.training import (
        LANGUAGE_MODELS,
        EventLog,
        ProgressBar,
        default_recipe,
    )
    from kerasheet.training import train as follow

    data = data or ("pydocs" if name in LANGUAGE_MODELS else "digits")
    text = {
        "sampling": sampling,
        "steps": steps,
        "unit": "words" if words else None,
        "min_frequency": min_frequency,
        "tokens": tokens,
    }

    recipe = default_recipe(
        name,
        data,
        size=size,
        samples=samples,
        validation=validation,
        augment=_augment(flip, crop, shift),
        epochs=epochs,
        learning_rate=lr,
        batch_size=batch_size,
        optimizer=optimizer,
        momentum=momentum,
        schedule=schedule,
        warmup=warmup,
        weight_decay=weight_decay,
        label_smoothing=label_smoothing,
        accumulation=accumulation,
        precision=mixed_precision_policy() if mixed_precision else None,
        seed=seed,
        clip=clip,
        patience=patience,
        model_arguments={"units": units, "num_layers": layers},
        text=text,
    )
    console.print(recipe.describe())
    path = Path("runs") / f"{name}-{Path(data).stem}" if run is None else run
    watchers = [ProgressBar(console)]
    if tensorboard is not None:
        watchers.append(EventLog(tensorboard))
    try:
        result = follow(
            recipe,
            path,
            resume=resume,
            overwrite=overwrite,
            callbacks=watchers,
            tell=console.print,
        )
    except TrainingStopped as stopped:
        again = [*sys.argv[1:], *([] if resume else ["--resume"])]
        console.print(
            f"Stopped in epoch {stopped.epoch} of {stopped.epochs}. Go on with: "
            f"{shlex.join(['kerasheet', *again])}",
            soft_wrap=True,
        )
        raise typer.Exit(130) from None
    console.print(
        f"{result.headline()} after {result.metrics['training_seconds']:.1f} s. "
        f"Run directory: {path}"
    )
    if result.vocabulary is not None:
        console.print(f"Next: kerasheet generate {path}")
    console.print(f"Next: kerasheet export {path} repository")


def _augment(flip: bool, crop: int, shift: int) -> dict[str, Any] | None:
    asked = {"flip": flip, "crop": crop, "shift": shift}
    return asked if any(asked.values()) else None


@app.command()
def convert(
    folder: Annotated[Path, typer.Argument(help="A folder of images.")],
    records: Annotated[Path, typer.Argument(help="Directory to write.")],
    size: Annotated[
        int | None,
        typer.Option(help="Scale images to this height and width, in pixels."),
    ] = None,
) -> None:
    """Pack a folder of images into a TFRecord set, which reads faster.

    Example: kerasheet convert photos photos.records --size 64
    """
    load_tensorflow()
    from kerasheet.data import convert_folder

    data = convert_folder(folder, records, size)
    for path, reason in data.skipped:
        console.print(f"Skipped {path}: {reason}")
    console.print(
        f"{len(data.train.y)} images to train on and {len(data.test.y)} to test, of "
        f"{len(data.labels)} classes. TFRecord set: {records}"
    )
    console.print(f"Next: kerasheet train lenet_batch_norm --data {records}")


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


@app.command()
def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="Rows of the book; none for all."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the book's.")] = None,
    subset: Annotated[
        int | None, typer.Option(help="Train on so many images only.")
    ] = None,
    directory: Annotated[
        Path, typer.Option(help="Where the runs and the table go.")
    ] = Path("runs/book"),
) -> None:
    """Train the book's rows again, and set ours beside the published figures.

    Rows: softmax mlp dropout lenet lenet_batch_norm alexnet vgg nin googlenet resnet
    densenet rnn rnn_random rnn_concise, and with _first those of the first edition. A
    row that is there already is not trained again. Images are Fashion-MNIST's.

    Example: kerasheet reproduce softmax mlp rnn
    """
    load_tensorflow()
    from kerasheet.training import ProgressBar, train, write_table
    from kerasheet.training import reproduce as repeat

    def follow(recipe: "Recipe", path: Path) -> "Run":
        console.print(recipe.describe())
        return train(recipe, path, resume=True, callbacks=[ProgressBar(console)])

    outcomes = []
    for outcome in repeat(
        names or [], directory, follow, epochs=epochs, samples=subset
    ):
        outcomes.append(outcome)
        write_table(outcomes, directory)
    table = Table("row", "figure", "ours", "published", "as published")
    for one in outcomes:
        for figure, ours in one.ours.items():
            agrees = "yes" if one.agrees() else "no"
            book = f"{one.published[figure]:.4f}"
            table.add_row(one.name, figure, f"{ours:.4f}", book, agrees)
    console.print(table)
    console.print(f"Table and plot: {directory}/reproduction.md, .json, .png")


@app.command()
def devices() -> None:
    """Show what TensorFlow computes on, and why not on a GPU."""
    load_tensorflow()
    from kerasheet.devices import cuda_build, list_devices, why_no_gpu

    table = Table("device", "model", "memory", "cores")
    for device in list_devices():
        cores = "" if device.cores is None else str(device.cores)
        table.add_row(device.name, device.model, device.size(), cores)
    console.print(table)
    console.print(cuda_build())
    console.print(why_no_gpu() or "The GPU is used, without a flag.")


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


def main() -> None:
    """Run the command line."""
    run_app(app, "kerasheet")
