"""Reads a SavedModel with the command that comes with TensorFlow, in one process."""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow
from absl import flags
from jobs import perform
from tensorflow.python.tools import saved_model_cli


def load(path, signature):
    def run(inputs):
        with tempfile.TemporaryDirectory() as place:
            return _run(path, signature, inputs, Path(place))

    return run


def _run(path, signature, inputs, place):
    for name, array in inputs.items():
        np.save(place / f"{name}.npy", array)
    given = ";".join(f"{name}={place / name}.npy" for name in inputs)
    words = ["run", f"--dir={path}", "--tag_set=serve", f"--signature_def={signature}"]
    words += [f"--inputs={given}", f"--outdir={place / 'out'}"]
    flags.FLAGS(["saved_model_cli", *words])
    saved_model_cli.run()
    return {file.stem: _read(file) for file in (place / "out").iterdir()}


def _read(file):
    array = np.load(file, allow_pickle=True)  # strings are pickled
    return array.astype("S") if array.dtype == object else array


print(tensorflow.__version__)
perform(load)
