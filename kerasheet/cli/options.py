"""What `kerasheet train` can be told, and how its help says so."""

from pathlib import Path
from typing import Annotated

import typer

TEXT = "Options for text (rnn_lm)"
IMAGES = "Options for images"

Name = Annotated[str, typer.Argument(help="A model; `kerasheet models` lists them.")]

Data = Annotated[
    str | None,
    typer.Option(
        help="digits, fashion_mnist, a folder of images, an .npz file or a "
        "TFRecord set; for rnn_lm pydocs, time_machine or a UTF-8 text file.",
        show_default="digits, pydocs",
    ),
]

RunPath = Annotated[
    Path | None,
    typer.Option(help="Directory to write.", show_default="runs/NAME-DATA"),
]

Size = Annotated[
    int | None,
    typer.Option(
        help="Resize images to this height and width, in pixels.",
        rich_help_panel=IMAGES,
    ),
]

Samples = Annotated[
    int | None,
    typer.Option(
        help="Use so many images only, to train and to test.", rich_help_panel=IMAGES
    ),
]

Validation = Annotated[
    float | None,
    typer.Option(
        help="Share of the training images that is held out to choose by.",
        rich_help_panel=IMAGES,
    ),
]

Flip = Annotated[
    bool,
    typer.Option("--flip", help="Mirror images by chance.", rich_help_panel=IMAGES),
]

Crop = Annotated[
    int,
    typer.Option(
        help="Cut images out of a frame wider by so many pixels.",
        rich_help_panel=IMAGES,
    ),
]

Shift = Annotated[
    int,
    typer.Option(help="Move images by up to so many pixels.", rich_help_panel=IMAGES),
]

Epochs = Annotated[int | None, typer.Option(help="Passes over the data.")]

LearningRate = Annotated[float | None, typer.Option(help="Learning rate.")]

BatchSize = Annotated[int | None, typer.Option(help="Samples per step.")]

Optimizer = Annotated[
    str | None, typer.Option(help="sgd, adam, adamw, rmsprop or adagrad.")
]

Momentum = Annotated[float | None, typer.Option(help="Of sgd, from 0 to below 1.")]

Schedule = Annotated[
    str | None,
    typer.Option(help="Of the learning rate: constant, step or cosine."),
]

Warmup = Annotated[
    int | None,
    typer.Option(help="Batches during which the learning rate grows."),
]

WeightDecay = Annotated[float | None, typer.Option(help="Of kernels, not of biases.")]

LabelSmoothing = Annotated[
    float | None, typer.Option(help="Share of a label spread over all classes.")
]

Accumulation = Annotated[
    int | None, typer.Option(help="Batches that make one step together.")
]

MixedPrecision = Annotated[
    bool,
    typer.Option(
        "--mixed-precision",
        help="Compute in 16 bits: float16 on a GPU, bfloat16 elsewhere.",
    ),
]

Xla = Annotated[
    bool | None,
    typer.Option(
        "--xla/--no-xla",
        help="Compile the steps by XLA, or do not.",
        show_default="what is faster on the device",
    ),
]

Synchronized = Annotated[
    bool,
    typer.Option(
        "--synchronized",
        help="Several GPUs or workers share the statistics of batch normalization.",
        rich_help_panel=IMAGES,
    ),
]

Tensorboard = Annotated[
    Path | None, typer.Option(help="Directory for TensorBoard's event files.")
]

Seed = Annotated[
    int | None, typer.Option(help="Same seed, same weights.", show_default="0")
]

Clip = Annotated[
    float | None, typer.Option(help="Largest norm of all gradients together.")
]

Patience = Annotated[
    int | None,
    typer.Option(
        help="Keep the best weights on held-out data, and stop after so many epochs "
        "without better ones."
    ),
]

Units = Annotated[
    int | None, typer.Option(help="Size of the hidden state.", rich_help_panel=TEXT)
]

Layers = Annotated[
    int | None, typer.Option(help="Recurrent layers.", rich_help_panel=TEXT)
]

Sampling = Annotated[
    str | None,
    typer.Option(
        help="consecutive hands the state from batch to batch, random begins anew.",
        rich_help_panel=TEXT,
    ),
]

Steps = Annotated[
    int | None, typer.Option(help="Tokens in a window.", rich_help_panel=TEXT)
]

Tokens = Annotated[
    int | None,
    typer.Option(help="Train on the first so many only.", rich_help_panel=TEXT),
]

Words = Annotated[
    bool, typer.Option("--words", help="Words as tokens.", rich_help_panel=TEXT)
]

MinFrequency = Annotated[
    int | None,
    typer.Option(help="Rarer tokens become <unk>.", rich_help_panel=TEXT),
]

Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with a training that was stopped.")
]

Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a run that is there.")
]
