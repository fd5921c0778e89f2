"""The sheet's architectures, each a function that returns a Keras model of logits."""

from collections.abc import Callable
from functools import partial

import keras

from kerasheet.models.alexnet import alexnet
from kerasheet.models.densenet import densenet
from kerasheet.models.googlenet import googlenet
from kerasheet.models.lenet import lenet
from kerasheet.models.mlp import mlp
from kerasheet.models.nin import nin
from kerasheet.models.resnet import resnet, resnet18, resnet34
from kerasheet.models.rnn_lm import language_layers, rnn_lm, stateful
from kerasheet.models.softmax_regression import softmax_regression
from kerasheet.models.vgg import vgg, vgg11, vgg13, vgg16, vgg19

MODELS: dict[str, Callable[..., keras.Model]] = {
    "softmax_regression": softmax_regression,
    "mlp": mlp,
    "mlp_dropout": partial(mlp, hidden_units=(256, 256), dropout_rates=(0.2, 0.5)),
    "lenet": lenet,
    "lenet_avg": partial(lenet, padding=2, pool_mode="avg"),
    "lenet_batch_norm": partial(lenet, batch_norm=True),
    "alexnet": alexnet,
    "vgg": vgg,
    "vgg11": vgg11,
    "vgg11_quarter": partial(vgg11, width_divisor=4),
    "vgg11_eighth": partial(vgg11, width_divisor=8, dense_units=512),
    "vgg13": vgg13,
    "vgg16": vgg16,
    "vgg19": vgg19,
    "nin": nin,
    "googlenet": googlenet,
    "resnet": resnet,
    "resnet18": resnet18,
    "resnet34": resnet34,
    "densenet": densenet,
    "rnn_lm": rnn_lm,
}
"""Every architecture and named variant, by the name that commands and recipes use."""

__all__ = [
    "MODELS",
    "alexnet",
    "densenet",
    "googlenet",
    "language_layers",
    "lenet",
    "mlp",
    "nin",
    "resnet",
    "resnet18",
    "resnet34",
    "rnn_lm",
    "softmax_regression",
    "stateful",
    "vgg",
    "vgg11",
    "vgg13",
    "vgg16",
    "vgg19",
]
