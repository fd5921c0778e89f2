"""The dropout layer (sheet §4)."""

from typing import Any

import keras

from kerasheet import ops
from kerasheet.ops.regularization import check_rate
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class Dropout(keras.Layer):
    """Silence random units while training, so that none can be relied upon.

    ```
    h'[i] = ξ[i] / (1 - rate) * h[i],    P(ξ = 0) = rate,    so that E[h'] = h
    ```

    In inference the layer passes its input through.

    Args:
        rate: probability that a unit is dropped, from 0 to 1.
        seed: an int makes the sequence of masks repeatable.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        x: any shape.
        training: whether to drop units.

    Returns:
        The same shape.

    Raises:
        ValueError: `rate` is not within [0, 1].

    Example:
    >>> y = Dropout(0.5, seed=0)(keras.ops.ones((1, 100)), training=True)
    >>> sorted(set(y.numpy().ravel().tolist()))
    [0.0, 2.0]

    Source: sheet §4.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = check_rate("Dropout", rate)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        pass

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        return ops.dropout(x, self.rate, self.seed_generator) if training else x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
