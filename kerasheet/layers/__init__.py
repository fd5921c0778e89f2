"""The sheet's formulas with weights: ordinary Keras layers."""

from kerasheet.layers.correlation import Corr2D
from kerasheet.layers.dense import Dense
from kerasheet.layers.dropout import Dropout
from kerasheet.layers.normalization import BatchNorm
from kerasheet.layers.pooling import GlobalAvgPool2D, Pool2D
from kerasheet.layers.reshape import Flatten

__all__ = [
    "BatchNorm",
    "Corr2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2D",
    "Pool2D",
]
