"""Trains as a person would, with a checkpoint after every few batches.

Arguments: a recipe as JSON, the place of the run, and the words of `train` that are
set. It says "begins" when the first batch is about to be trained on, and what `train`
has to tell.
"""

import json
import math
import os
import sys

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}

import keras

from kerasheet.errors import KerasheetError
from kerasheet.training import Recipe, guard, loop, train

guard.SECONDS, guard.SHARE, loop.CHUNK_SECONDS = 0.0, math.inf, 0.02


def say(*words):
    print(*words, flush=True)


class Announcer(keras.callbacks.Callback):
    """Says in which epoch training is."""

    def on_epoch_begin(self, epoch, logs=None):
        say("epoch", epoch + 1)


recipe, path, *words = sys.argv[1:]
settings = {"callbacks": [Announcer()], "tell": say, **dict.fromkeys(words, True)}
try:
    train(Recipe.from_json(json.loads(recipe)), path, **settings)
except KerasheetError as error:
    say(error)
    sys.exit(1)
