"""`kerasheet convert`: data in another form."""

from pathlib import Path
from typing import Annotated

import typer

from kerasheet.cli.app import app
from kerasheet.console import console, load_tensorflow


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
