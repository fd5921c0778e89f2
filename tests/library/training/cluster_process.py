"""Trains as a worker of a cluster, and keeps what this worker ends with.

Arguments: a recipe as JSON and the place of the run; the weights go beside it, under
the number of the worker.
"""

import json
import math
import os
import sys

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}

import keras
import numpy as np

from kerasheet.errors import KerasheetError
from kerasheet.training import Recipe, guard, train

guard.SECONDS, guard.SHARE = 0.0, math.inf

recipe, path, *words = sys.argv[1:]
number = json.loads(os.environ["TF_CONFIG"])["task"]["index"]


class Keeper(keras.callbacks.Callback):
    """Says when an epoch begins, and writes the weights down in the end."""

    def on_epoch_begin(self, epoch, logs=None):
        print("epoch", epoch + 1, flush=True)

    def on_train_end(self, logs=None):
        np.savez(f"{path}-{number}.npz", *self.model.get_weights())


try:
    run = train(
        Recipe.from_json(json.loads(recipe)),
        path,
        resume="--resume" in words,
        callbacks=[Keeper()],
    )
except KerasheetError as error:
    sys.exit(str(error))
print(json.dumps([run.labels, dict(run.metrics)]))
