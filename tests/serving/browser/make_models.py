"""Fills a directory for the browser's tests; runs where the library is installed.

`repository/` has a model of digits, trained and exported by the command line; one that
writes text, of weights that mean nothing; one that takes numbers, with a broken newest
version; and one that is broken altogether. `digit.png` is a scan that the model of
digits never saw, `half-3/` a version of the numbers that is not published yet.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from serving_models import change_byte, half_plus_two, publish
from text_models import publish_text

from kerasheet.cli import main
from kerasheet.data import digits


def run(*arguments):
    """One call of the command `kerasheet`."""
    sys.argv = ["kerasheet", *map(str, arguments)]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise RuntimeError(f"kerasheet {' '.join(sys.argv[1:])} failed") from end


def make(directory):
    root = directory / "repository"
    seen = directory / "digits"
    run("train", "mlp", "--data", "digits", "--epochs", "12", "--run", seen)
    run("export", seen, root, "--name", "digits", "--formats", "onnx")
    publish_text(root, "writer")
    half = half_plus_two()
    publish(root, "half", half, 1, metrics={"test_accuracy": 0.75})
    change_byte(publish(root, "half", half, 2) / "model.onnx")
    spare = publish(directory / "spare", "half", half, 3)
    shutil.move(spare, directory / "half-3")
    change_byte(publish(root, "broken", half) / "model.onnx")
    scan = digits().test.x[0, ..., 0]
    Image.fromarray(np.uint8(np.round(scan * 255))).save(directory / "digit.png")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
