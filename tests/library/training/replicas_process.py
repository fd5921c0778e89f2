"""Trains on two replicas of one process, and alone; prints what both came to.

Processors can be divided into two only before TensorFlow's first operation, so this is
a process of its own.
"""

import json
import os
import warnings
from contextlib import nullcontext
from itertools import chain

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}

import keras
import numpy as np
import tensorflow as tf

from kerasheet.data import Examples, Stream
from kerasheet.layers import BatchNorm, Dense, Dropout, Flatten
from kerasheet.layers.normalization import synchronize
from kerasheet.models import MODELS
from kerasheet.training.fit import fit_samples
from kerasheet.training.fit_text import Windows, fit_text

[processor] = tf.config.list_physical_devices("CPU")
halves = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(processor, halves)

rng = np.random.default_rng(0)
IMAGES = Examples(
    rng.random((41, 28, 28, 1), "float32"), rng.integers(0, 10, 41).astype("int32")
)
ON_DISK = Stream(lambda row: IMAGES.x[row], np.arange(41), IMAGES.y, (28, 28, 1))
SCOPES = [nullcontext]  # the last is the one to make models in
TEXT = rng.integers(0, 7, 2_000).astype("int32")


def sgd(**settings):
    return keras.optimizers.SGD(0.1, **settings)


def train_images(name, samples=IMAGES, optimizer=sgd, together=False):
    with SCOPES[-1]():
        model = MODELS[name](input_shape=(28, 28, 1))
        if together:
            synchronize(model)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer(), loss, metrics=["accuracy"])
    held_out = IMAGES.subset(np.arange(9))
    history = fit_samples(
        model, samples, batch_size=8, epochs=2, seed=0, validation=held_out, verbose=0
    )
    return model, history


def train_text(sampling):
    with SCOPES[-1]():
        model = MODELS["rnn_lm"](classes=7, units=12)
        model.compile(sgd(global_clipnorm=1.0))
    windows = Windows(steps=5, batch_size=4, sampling=sampling)
    history = fit_text(
        model, TEXT, windows, epochs=2, validation_ids=TEXT[:301], verbose=0
    )
    return model, history


CASES = {
    "mlp": lambda: train_images("mlp"),
    "mlp_on_disk": lambda: train_images("mlp", ON_DISK),
    "clipped_with_momentum": lambda: train_images(
        "mlp", optimizer=lambda: sgd(momentum=0.9, global_clipnorm=0.5)
    ),
    "accumulated": lambda: train_images(
        "mlp", optimizer=lambda: sgd(gradient_accumulation_steps=3)
    ),
    "adam_with_scaled_loss": lambda: train_images(
        "mlp",
        optimizer=lambda: keras.optimizers.LossScaleOptimizer(
            keras.optimizers.AdamW(1e-2, epsilon=1e-4)
        ),
    ),
    "batch_norm": lambda: train_images("lenet_batch_norm"),
    "batch_norm_together": lambda: train_images("lenet_batch_norm", together=True),
    "text_random": lambda: train_text("random"),
    "text_consecutive": lambda: train_text("consecutive"),
}


def outcome(case, scope):
    SCOPES[:] = [scope]
    keras.utils.set_random_seed(0)
    model, history = case()
    weights = [np.ravel(weight).tolist() for weight in model.get_weights()]
    return {"weights": [*chain(*weights)], "history": history.history}


def statistics(strategy):
    """Of each replica, the moving averages after a step on its own half of a batch."""
    with strategy.scope():
        layer = BatchNorm(momentum=0.0)
        layer.build((None, 1))

    def step():
        one = tf.distribute.get_replica_context().replica_id_in_sync_group
        x = tf.cast(one, tf.float32) * 4.0 + tf.constant([[0.0], [2.0]])
        return layer(x, training=True)

    tf.function(lambda: strategy.run(step), autograph=False)()
    averages = layer.moving_mean.value, layer.moving_variance.value
    local = strategy.experimental_local_results
    return [[float(one[0]) for one in local(average)] for average in averages]


def masks(strategy):
    """How many places of the replicas' dropout masks are alike, of 1,000."""
    with strategy.scope():
        layer = Dropout(0.5, seed=0)
    run = tf.function(lambda: strategy.run(lambda: layer(tf.ones(1000), training=True)))
    one, other = (part.numpy() for part in strategy.experimental_local_results(run()))
    return int((one == other).sum())


def refusal(loss, kind=keras.Sequential):
    """What is said of a model that replicas cannot share."""
    with strategy.scope():
        model = kind([keras.Input((28, 28, 1)), Flatten(), Dense(10)], name="own")
        model.compile("sgd", loss)
    try:
        fit_samples(model, IMAGES, batch_size=8, epochs=1, seed=0, verbose=0)
    except ValueError as error:
        return str(error)


class OwnStep(keras.Sequential):
    """Trains in its own way."""

    def train_step(self, data):
        return super().train_step(data)


def unreached():
    """A layer without a way to the loss stays as it is; the other learns."""
    with strategy.scope():
        images = keras.Input((28, 28, 1))
        used, spare = Dense(10), Dense(3, name="spare")
        flat = Flatten()(images)
        model = keras.Model(images, [used(flat), spare(flat)])
        model.compile("sgd", [MEAN, None])
    before = [weight.numpy() for weight in model.weights]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of a weight without a gradient
        fit_samples(model, IMAGES, batch_size=8, epochs=1, seed=0, verbose=0)
    return [
        bool(np.array_equal(was, weight.numpy()))
        for was, weight in zip(before, model.weights, strict=True)
    ]


MEAN = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
SUM = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
found = {"statistics": statistics(strategy), "masks": masks(strategy)}
found["unreached"] = unreached()
found["refused"] = [
    refusal(lambda y, logits: keras.ops.mean(logits)),
    refusal(SUM),
    refusal(MEAN, OwnStep),
]
for name, case in CASES.items():
    found[name] = [outcome(case, scope) for scope in (nullcontext, strategy.scope)]
print(json.dumps(found))
