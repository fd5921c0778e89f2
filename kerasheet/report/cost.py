"""What a model is made of, and what a sample costs it."""

import math
from typing import NamedTuple

import keras

from kerasheet.layers import Corr2D, Dense, SimpleRNN
from kerasheet.report.sublayers import sublayers
from kerasheet.typing import Shape


class LayerCost(NamedTuple):
    """One layer of a model.

    Attributes:
        name: of the layer.
        kind: its class.
        output_shape: of one sample; None for a size that is not known.
        parameters: numbers it keeps, moving averages among them.
        multiply_adds: of one sample, as `multiply_adds` counts them.
    """

    name: str
    kind: str
    output_shape: Shape
    parameters: int
    multiply_adds: int


def layer_costs(model: keras.Model) -> list[LayerCost]:
    """Every layer of a model, from the input to the logits."""
    return [
        LayerCost(
            layer.name,
            type(layer).__name__,
            _output_shape(layer),
            layer.count_params(),
            multiply_adds(layer),
        )
        for layer in model.layers
    ]


def multiply_adds(layer: keras.Layer) -> int:
    """Products that one sample passes through on its way forward.

    ```
    Corr2D: rows · columns · channels · filters, for every pixel of the output
    Dense: features · units          SimpleRNN: (features + units) · units, every step
    ```

    A composite costs what its sublayers cost, and everything else counts as nothing:
    biases, activations, pooling and normalization. So does a layer's product with ids,
    which is a lookup. A size that is not known, such as the steps of a text, counts as
    one: of a language model this is the cost of a token.

    Args:
        layer: a built layer or model.

    Example:
    >>> from kerasheet.models import lenet, rnn_lm
    >>> multiply_adds(lenet()), multiply_adds(rnn_lm())
    (281640, 276480)
    """
    if isinstance(layer, Corr2D):
        pixels = _output_shape(layer)[:-1]
        return _product(layer.kernel.shape) * _product(pixels)
    if isinstance(layer, Dense):
        return _product(layer.kernel.shape) * _product(_input_shape(layer)[1:-1])
    if isinstance(layer, SimpleRNN):
        return _recurrent(layer)
    return sum(map(multiply_adds, sublayers(layer)))


def _recurrent(layer: SimpleRNN) -> int:
    shape = _input_shape(layer)
    directions = [one for pair in layer.weights_of for one in pair]
    products = sum(_product(one.recurrent_kernel.shape) for one in directions)
    looked_up = layer.directions if len(shape) == 2 else 0
    products += sum(_product(one.kernel.shape) for one in directions[looked_up:])
    return products * _product(shape[1:2])


def _product(sizes: Shape) -> int:
    return math.prod(size or 1 for size in sizes)


def _input_shape(layer: keras.Layer) -> Shape:
    """The shape that a layer was built for."""
    return tuple(layer.get_build_config()["input_shape"])


def _output_shape(layer: keras.Layer) -> Shape:
    if layer.get_build_config() is None:  # an InputLayer
        return tuple(layer.batch_shape[1:])
    shape = layer.compute_output_shape(_input_shape(layer))
    first = shape[0] if isinstance(shape[0], tuple) else shape
    return tuple(first[1:])
