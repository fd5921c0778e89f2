"""What a finished run is good for: measuring it, asking it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from kerasheet import ops
from kerasheet.data import DATA, read_image
from kerasheet.errors import DataError, unknown
from kerasheet.training.fit import evaluate
from kerasheet.training.run import Run


def evaluate_run(run: Run, data: str | None = None) -> dict[str, float]:
    """Loss (nats) and accuracy of a run's model on test data.

    Args:
        run: the run.
        data: a name in `kerasheet.data.DATA`, None for what the run was trained on.

    Raises:
        DataError: the data is unknown, cannot be had, or is not what the model takes.
        RunError: the model file is damaged.
    """
    name = data or run.recipe.data
    if name not in DATA:
        raise DataError(unknown("data", name, DATA))
    examples, model = DATA[name](run.recipe.size).test, run.load_model()
    if examples.x.shape[1:] != model.input_shape[1:]:
        raise DataError(
            f"{name} has images {examples.x.shape[1:]}, but the model of "
            f"{str(run.path)!r} takes {model.input_shape[1:]}."
        )
    return evaluate(model, *examples)


def sample_images(run: Run, count: int) -> np.ndarray | None:
    """The first test images of a run's data; None if the data cannot be had."""
    try:
        return DATA[run.recipe.data](run.recipe.size).test.x[:count]
    except DataError:
        return None


def predict_files(
    run: Run, paths: Iterable[str | Path], resize: bool = False
) -> Iterator[tuple[Path, list[tuple[str, float]]]]:
    """Ask a run's model about image files.

    Args:
        run: the run.
        paths: the files; all are read before the model is asked.
        resize: whether to scale and convert images of another shape.

    Yields:
        Each path with (label, probability) of every class, the likeliest first.

    Raises:
        DataError: a file is not an image the model takes.
        RunError: the model file is damaged.
    """
    files, model = [Path(path) for path in paths], run.load_model()
    shape = model.input_shape[1:]
    images = np.stack([read_image(path, shape, resize) for path in files])
    for path, row in zip(files, np.asarray(ops.softmax(model(images))), strict=True):
        ranking = np.argsort(-row)
        yield path, [(run.labels[index], float(row[index])) for index in ranking]
