"""The report: one file that needs no other."""

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from kerasheet.errors import RunError
from kerasheet.report import chart
from kerasheet.report.chapter import read_chapters
from kerasheet.report.comparison import compare
from kerasheet.report.environment import environment
from kerasheet.report.figures import write
from kerasheet.training import Run

SAMPLES = 16


def write_report(
    runs: Run | Sequence[Run], path: str | Path, samples: int = SAMPLES
) -> Path:
    """Write a page of HTML about runs, which holds its pictures and styles itself.

    The page of one run has its figures, curves, confusion matrix, worst mistakes,
    first-layer filters, layers, recipe and environment; of a language model, what it
    writes. That of several runs compares them first. Everything is computed anew from
    the run directories and the test data; without the data the page says why.

    Args:
        runs: one or several.
        path: of the file to write; it appears whole or not at all.
        samples: mistakes to show of each run, at most.

    Returns:
        The path.

    Raises:
        RunError: a run is damaged, or the file cannot be written.
        ValueError: there are no runs, or `samples` is not an int from 0.
    """
    runs = [runs] if isinstance(runs, Run) else list(runs)
    if not runs:
        raise ValueError("A report needs at least one run. Received: runs=[].")
    if type(samples) is not int or samples < 0:
        raise ValueError(
            f"A report needs `samples` to be an int from 0. "
            f"Received: samples={samples!r}."
        )
    path = Path(path)
    _replace(path, render(runs, samples))
    return path


def render(runs: Sequence[Run], samples: int) -> str:
    """The page as text."""
    templates = Environment(
        loader=PackageLoader("kerasheet.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["figure"] = lambda value, name: write(name, value)
    chapters = read_chapters(runs, samples)
    page = templates.get_template("page.html")
    return page.render(
        chapters=chapters,
        comparison=compare(chapters) if len(chapters) > 1 else None,
        environment=environment(),
        written=datetime.now().astimezone(),
        axes=chart,
    )


def _replace(path: Path, text: str) -> None:
    """Write a file beside the one to replace, and put it in its place."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="replace",
            dir=path.parent,
            prefix=f".{path.name}-",
            delete=False,
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise RunError(
            f"{str(path)!r} cannot be written ({error.strerror}). Name another file "
            "with --output."
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
