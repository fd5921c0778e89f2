"""The sheet's formulas with weights: ordinary Keras layers."""

from kerasheet.layers.correlation import Corr2D
from kerasheet.layers.dense import Dense
from kerasheet.layers.dense_block import DenseBlock, Transition
from kerasheet.layers.dropout import Dropout
from kerasheet.layers.inception import Inception
from kerasheet.layers.nin import NiNBlock
from kerasheet.layers.normalization import BatchNorm
from kerasheet.layers.one_hot import OneHot
from kerasheet.layers.pooling import GlobalAvgPool2D, Pool2D
from kerasheet.layers.recurrent import SimpleRNN
from kerasheet.layers.reshape import Flatten
from kerasheet.layers.residual import Residual
from kerasheet.layers.vgg import VGGBlock

__all__ = [
    "BatchNorm",
    "Corr2D",
    "Dense",
    "DenseBlock",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2D",
    "Inception",
    "NiNBlock",
    "OneHot",
    "Pool2D",
    "Residual",
    "SimpleRNN",
    "Transition",
    "VGGBlock",
]
