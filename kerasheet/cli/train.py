"""`kerasheet train`."""

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import typer

from kerasheet.cli import options
from kerasheet.cli.app import app
from kerasheet.cli.cluster import join_cluster
from kerasheet.cluster import LAUNCHED_BY
from kerasheet.console import console, load_tensorflow


@app.command()
def train(
    name: options.Name,
    data: options.Data = None,
    run: options.RunPath = None,
    size: options.Size = None,
    samples: options.Samples = None,
    validation: options.Validation = None,
    flip: options.Flip = False,
    crop: options.Crop = 0,
    shift: options.Shift = 0,
    epochs: options.Epochs = None,
    lr: options.LearningRate = None,
    batch_size: options.BatchSize = None,
    optimizer: options.Optimizer = None,
    momentum: options.Momentum = None,
    schedule: options.Schedule = None,
    warmup: options.Warmup = None,
    weight_decay: options.WeightDecay = None,
    label_smoothing: options.LabelSmoothing = None,
    accumulation: options.Accumulation = None,
    mixed_precision: options.MixedPrecision = False,
    synchronized: options.Synchronized = False,
    xla: options.Xla = None,
    tensorboard: options.Tensorboard = None,
    seed: options.Seed = None,
    clip: options.Clip = None,
    patience: options.Patience = None,
    units: options.Units = None,
    layers: options.Layers = None,
    sampling: options.Sampling = None,
    steps: options.Steps = None,
    tokens: options.Tokens = None,
    words: options.Words = False,
    min_frequency: options.MinFrequency = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Train a model and write a run directory.

    What you do not set comes from the model's published recipe, or, for the small
    digits data, from one that suits it.

    Example: kerasheet train mlp --data digits --epochs 5 --run runs/first

    Example: kerasheet train rnn_lm --data pydocs --epochs 3

    Example: kerasheet train resnet18 --data photos --size 64 --flip --resume
    """
    is_chief = load_tensorflow(join_cluster)
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
        synchronized=synchronized,
        xla=xla,
        seed=seed,
        clip=clip,
        patience=patience,
        model_arguments={"units": units, "num_layers": layers},
        text=text,
    )
    console.print(recipe.describe())
    path = Path("runs") / f"{name}-{Path(data).stem}" if run is None else run
    watchers = [ProgressBar(console)]
    if tensorboard is not None and is_chief:
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
        console.print(
            f"Stopped in epoch {stopped.epoch} of {stopped.epochs}. Go on with: "
            f"{_again(resume)}",
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


def _again(resumed: bool) -> str:
    """The command with which a training that was stopped goes on."""
    words = ["kerasheet", *sys.argv[1:], *([] if resumed else ["--resume"])]
    if cluster := os.environ.get(LAUNCHED_BY):
        words[1:1] = shlex.split(cluster)
    return shlex.join(words)


def _augment(flip: bool, crop: int, shift: int) -> dict[str, Any] | None:
    asked = {"flip": flip, "crop": crop, "shift": shift}
    return asked if any(asked.values()) else None
