"""What the first layer of a model of images looks for."""

import math

import keras
import numpy as np

from kerasheet.layers import Dense
from kerasheet.report.sublayers import kernels


def first_filters(model: keras.Model) -> np.ndarray | None:
    """The weights of the first layer that has any, as images.

    Args:
        model: of images.

    Returns:
        (filters, rows, columns, channels): of a convolution its filters, of a dense
        layer the weights of each unit, on an image of the model's size; None for a
        dense layer that does not see the image itself.

    Example:
    >>> from kerasheet.models import lenet, mlp
    >>> first_filters(lenet()).shape, first_filters(mlp()).shape
    ((6, 5, 5, 1), (256, 28, 28, 1))
    """
    layer = next(kernels(model))
    kernel = np.asarray(layer.kernel, "float32")
    if not isinstance(layer, Dense):
        return np.moveaxis(kernel, -1, 0)
    shape = model.input_shape[1:]
    if len(kernel) != math.prod(shape):
        return None
    return kernel.T.reshape(-1, *shape)
