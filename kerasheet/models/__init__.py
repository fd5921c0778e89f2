"""The sheet's architectures, each a function that returns a Keras model of logits."""

from collections.abc import Callable
from functools import partial

import keras

from kerasheet.models.lenet import lenet
from kerasheet.models.mlp import mlp
from kerasheet.models.softmax_regression import softmax_regression

MODELS: dict[str, Callable[..., keras.Model]] = {
    "softmax_regression": softmax_regression,
    "mlp": mlp,
    "mlp_dropout": partial(mlp, hidden_units=(256, 256), dropout_rates=(0.2, 0.5)),
    "lenet": lenet,
    "lenet_avg": partial(lenet, padding=2, pool_mode="avg"),
    "lenet_batch_norm": partial(lenet, batch_norm=True),
}
"""Every architecture and named variant, by the name that commands and recipes use."""

__all__ = ["MODELS", "lenet", "mlp", "softmax_regression"]
