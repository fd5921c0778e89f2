"""The whole way in one go: train, export, prove, serve, ask."""

import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import numpy as np
from rich.console import Console
from rich.table import Table

from kerasheet.data import digits
from kerasheet.training import ProgressBar, Run, default_recipe, train
from kerasheet_export.errors import ExportError
from kerasheet_export.publish import export
from kerasheet_serving import Client, read_manifest

MODEL = "lenet_batch_norm"
BAR = 0.97
"""Test accuracy below which the demo has failed."""

QUESTIONS = 8
START_SECONDS = 30


def demo(directory: Path, console: Console) -> None:
    """Train LeNet on handwritten digits, publish it, and ask it over HTTP.

    Args:
        directory: where the run and the repository go; a run there is replaced, and
            the repository gains a version.
        console: where to show what happens.

    Raises:
        ExportError: the model did not learn, or the server did not start.
    """
    console.rule("Train", align="left")
    run = _train(directory / "run", console)
    console.rule("Export", align="left")
    version = export(run, directory / "repository")
    for form, outputs in read_manifest(version).parity.items():
        delta = max(one.absolute for one in outputs.values())
        console.print(f"{form}: within {delta:.1e} of Keras")
    console.print(f"Published: {version}")
    console.rule("Serve", align="left")
    with _server(directory / "repository") as url:
        console.print(f"Listening at {url}")
        console.print(_ask(Client(url), run.labels))
    console.rule("Next", align="left")
    console.print(_next_steps(directory), soft_wrap=True)


def _next_steps(directory: Path) -> str:
    kerasheet = "kerasheet"
    if shutil.which(kerasheet) is None:  # the environment is not activated
        program = Path(sys.executable).with_name(kerasheet)
        kerasheet = os.path.relpath(program)
    steps = {
        "The same server, to stay": f"{kerasheet} serve {directory / 'repository'}",
        "An image of yours": f"{kerasheet} predict {directory / 'run'} IMAGE --resize",
        "What else there is to train": f"{kerasheet} models",
        "How it learned, a picture": f"{directory / 'run' / 'curves.png'}",
    }
    return "\n".join(f"{meaning}:\n    {what}" for meaning, what in steps.items())


def _train(path: Path, console: Console) -> Run:
    recipe = default_recipe(MODEL, "digits")
    console.print(recipe.describe())
    run = train(recipe, path, overwrite=True, callbacks=[ProgressBar(console)])
    accuracy = run.metrics["test_accuracy"]
    seconds = run.metrics["training_seconds"]
    console.print(f"Test accuracy {accuracy:.2%} after {seconds:.1f} s")
    if accuracy < BAR:
        raise ExportError(f"The model reached only {accuracy:.2%}, below {BAR:.0%}.")
    return run


@contextmanager
def _server(repository: Path) -> Iterator[str]:
    """A server in a process of its own on a free port; its URL."""
    command = [sys.executable, "-m", "kerasheet_serving", str(repository)]
    command += ["--port=0", "--grpc-port=off"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _announced_url(cast(IO[str], process.stdout))
        finally:
            process.terminate()


def _announced_url(output: IO[str]) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        line = output.readline() if selector.select(START_SECONDS) else ""
    if "http" not in line:
        raise ExportError("The server did not start; its reason stands above.")
    return line.split()[-1]


def _ask(client: Client, labels: tuple[str, ...]) -> Table:
    """Post test images one by one, as a client would."""
    table = Table("image", "truth", "answer", "probability", "milliseconds")
    images, classes = digits().test.load()
    for index in range(QUESTIONS):
        started = time.perf_counter()
        [answer] = client.predict(MODEL, images[index : index + 1])
        milliseconds = 1e3 * (time.perf_counter() - started)
        best = int(np.argmax(answer["probabilities"]))
        table.add_row(
            f"test {index}",
            labels[classes[index]],
            labels[best],
            f"{answer['probabilities'][best]:.1%}",
            f"{milliseconds:.1f}",
        )
    return table
