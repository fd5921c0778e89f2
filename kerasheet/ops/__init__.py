"""The sheet's formulas, as pure functions of tensors."""

from kerasheet.ops.activation import (
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from kerasheet.ops.affine import collapse_affine, squared_loss
from kerasheet.ops.backprop import Forward, Weights, mlp_backward, mlp_forward
from kerasheet.ops.bptt import Bptt, RnnWeights, bptt, bptt_expanded
from kerasheet.ops.clipping import clip_by_global_norm
from kerasheet.ops.correlation import conv2d, corr2d
from kerasheet.ops.language import one_hot, perplexity
from kerasheet.ops.normalization import batch_norm
from kerasheet.ops.pooling import pool2d
from kerasheet.ops.recurrence import rnn, rnn_step
from kerasheet.ops.recurrence_gradient import RecurrentSlopes, rnn_backward
from kerasheet.ops.regularization import dropout, l2_penalty, l2_update
from kerasheet.ops.softmax import (
    cross_entropy,
    log_softmax,
    softmax,
    softmax_regression_step,
)
from kerasheet.ops.window import output_size

__all__ = [
    "Bptt",
    "Forward",
    "RecurrentSlopes",
    "RnnWeights",
    "Weights",
    "batch_norm",
    "bptt",
    "bptt_expanded",
    "clip_by_global_norm",
    "collapse_affine",
    "conv2d",
    "corr2d",
    "cross_entropy",
    "dropout",
    "l2_penalty",
    "l2_update",
    "log_softmax",
    "mlp_backward",
    "mlp_forward",
    "one_hot",
    "output_size",
    "perplexity",
    "pool2d",
    "relu",
    "relu_derivative",
    "rnn",
    "rnn_backward",
    "rnn_step",
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "softmax_regression_step",
    "squared_loss",
    "tanh",
    "tanh_derivative",
]
