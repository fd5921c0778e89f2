"""`kerasheet train`."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kerasheet.cli.app import app
from kerasheet.cli.cluster import join_cluster
from kerasheet.console import console, load_tensorflow

TEXT = "Options for text (rnn_lm)"
IMAGES = "Options for images"


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
    load_tensorflow(join_cluster)
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
