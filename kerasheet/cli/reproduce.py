"""`kerasheet reproduce`: the book's figures, and ours."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from kerasheet.cli.app import app
from kerasheet.console import console, load_tensorflow

if TYPE_CHECKING:
    from kerasheet.training import Recipe, Run


@app.command()
def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="Rows of the book; none for all."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the book's.")] = None,
    subset: Annotated[
        int | None, typer.Option(help="Use so many images only, to train and to test.")
    ] = None,
    directory: Annotated[
        Path, typer.Option(help="Where the runs and the table go.")
    ] = Path("runs/book"),
) -> None:
    """Train the book's rows again, and set ours beside the published figures.

    Rows: softmax mlp dropout dropout_off weight_decay weight_decay_concise lenet
    lenet_batch_norm alexnet vgg nin googlenet resnet densenet rnn rnn_random
    rnn_concise, and with _first those of the first edition. A row that is there already
    is not trained again, but for those of weight decay, which take seconds. Images are
    Fashion-MNIST's.

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
