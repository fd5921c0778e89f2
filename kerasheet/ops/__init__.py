"""The sheet's formulas, as pure functions of tensors."""

from kerasheet.ops.activation import relu, sigmoid, tanh
from kerasheet.ops.correlation import conv2d, corr2d
from kerasheet.ops.normalization import batch_norm
from kerasheet.ops.pooling import pool2d
from kerasheet.ops.regularization import dropout
from kerasheet.ops.softmax import cross_entropy, log_softmax, softmax
from kerasheet.ops.window import output_size

__all__ = [
    "batch_norm",
    "conv2d",
    "corr2d",
    "cross_entropy",
    "dropout",
    "log_softmax",
    "output_size",
    "pool2d",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
