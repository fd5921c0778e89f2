"""From a list of layers to a model of images."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count

import keras

from kerasheet.typing import Shape, Tensor

Step = Callable[[Tensor], Tensor]
"""A layer, or a function such as an activation that keeps the shape."""


def chain(name: str, input_shape: Sequence[int], steps: Iterable[Step]) -> keras.Model:
    """A functional model that passes its input, `images`, through steps in turn.

    Args:
        name: of the model.
        input_shape: (height, width, channels) of one image.
        steps: layers and functions.

    Returns:
        The model.

    Raises:
        ValueError: the images are too small; the sentence says how small they may be.
    """
    steps = list(steps)
    _refuse_small(name, tuple(input_shape), steps)
    images = keras.Input(input_shape, name="images")
    x = images
    for step in steps:
        x = step(x)
    return keras.Model(images, x, name=name)


def _refuse_small(name: str, input_shape: tuple[int, ...], steps: list[Step]) -> None:
    if _fits(input_shape, steps):
        return
    smallest = next(n for n in count(1) if _fits((n, n, *input_shape[2:]), steps))
    raise ValueError(
        f"{name} needs images of at least {smallest}×{smallest} pixels. "
        f"Received: input_shape={input_shape}."
    )


def _fits(input_shape: tuple[int, ...], steps: list[Step]) -> bool:
    shape: Shape = (None, *input_shape)
    try:
        for step in steps:
            if isinstance(step, keras.Layer):
                shape = step.compute_output_shape(shape)
    except ValueError:
        return False
    return True
