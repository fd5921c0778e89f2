"""What a finished run is good for: measuring it, asking it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import keras
import numpy as np

from kerasheet import ops
from kerasheet.data import DATA, TEXTS, load_images, read_image
from kerasheet.errors import DataError, RunError
from kerasheet.language import Vocabulary, encode_text
from kerasheet.training.data_source import absolute
from kerasheet.training.fit import evaluate_samples
from kerasheet.training.fit_text import text_evaluator
from kerasheet.training.run import Run
from kerasheet.training.text_source import read_corpus, text_source


def evaluate_run(run: Run, data: str | None = None) -> dict[str, float]:
    """Loss (nats) and accuracy, or perplexity, of a run's model on test data.

    Args:
        run: the run.
        data: as in `Recipe`, None for what the run was trained on. Of another text
            than that the whole is read.

    Raises:
        DataError: the data is unknown, cannot be had, or is not what the model takes.
        RunError: the model file is damaged.
    """
    if run.vocabulary is not None:
        name = absolute(data or run.recipe.data, TEXTS)
        return _evaluate_text(run, run.vocabulary, name)
    name = absolute(data or run.recipe.data, DATA)
    model, images = run.load_model(), load_images(name, run.recipe.size)
    model.jit_compile = run.recipe.xla  # None chooses by this machine's device
    if images.input_shape != model.input_shape[1:]:
        raise DataError(
            f"{name} has images {images.input_shape}, but the model of "
            f"{str(run.path)!r} takes {model.input_shape[1:]}."
        )
    if images.labels != run.labels:
        raise DataError(
            f"{name} has the classes {', '.join(images.labels)}, but the model of "
            f"{str(run.path)!r} knows {', '.join(run.labels)}. Name data of the same "
            "classes."
        )
    return evaluate_samples(model, images.test)


def _evaluate_text(run: Run, vocabulary: Vocabulary, data: str) -> dict[str, float]:
    measure = text_evaluator(run.load_model(), run.recipe.xla)
    if data == run.recipe.data and run.recipe.text is not None:
        return measure(read_corpus(data, run.recipe.text).test)
    return measure(encode_text(text_source(data), vocabulary))


LONGEST = 32
"""Tokens of a sample of text, at most."""


def sample_inputs(run: Run, count: int) -> np.ndarray | None:
    """The first test inputs of a run's data; None if the data cannot be had."""
    try:
        if run.recipe.text is not None:
            ids = read_corpus(run.recipe.data, run.recipe.text).test
            steps = max(1, min(LONGEST, len(ids) // count))
            return ids[: count * steps].astype(np.int32).reshape(-1, steps)
        test = load_images(run.recipe.data, run.recipe.size).test
        return test.subset(np.arange(min(count, len(test.y)))).load().x
    except DataError:
        return None


def load_language_model(run: Run) -> tuple[keras.Model, Vocabulary]:
    """The model of a run of text, and what its ids mean.

    Raises:
        RunError: the run is of images, or its model file is damaged.
    """
    if run.vocabulary is None:
        raise RunError(
            f"{str(run.path)!r} is a model of images, which writes no text. Train one "
            "that does: kerasheet train rnn_lm"
        )
    return run.load_model(), run.vocabulary


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
        DataError: a file is not an image the model takes, or it takes none.
        RunError: the model file is damaged.
    """
    if run.vocabulary is not None:
        raise DataError(
            f"{str(run.path)!r} is a language model, which looks at no images. Let it "
            f"write: kerasheet generate {run.path}"
        )
    files, model = [Path(path) for path in paths], run.load_model()
    shape = model.input_shape[1:]
    images = np.stack([read_image(path, shape, resize) for path in files])
    for path, row in zip(files, np.asarray(ops.softmax(model(images))), strict=True):
        ranking = np.argsort(-row)
        yield path, [(run.labels[index], float(row[index])) for index in ranking]
