"""The Inception block (sheet §6.10)."""

from typing import Any

import keras

from kerasheet.layers.arguments import check_count
from kerasheet.layers.chain import build_chain, call_chain, inherited
from kerasheet.layers.correlation import Corr2D
from kerasheet.layers.pooling import Pool2D
from kerasheet.ops.window import check_pair
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class Inception(keras.Layer):
    """Four paths that see windows of different sizes, side by side.

    ```
    p1 = relu(corr1x1(x))
    p2 = relu(corr3x3(relu(corr1x1(x))))
    p3 = relu(corr5x5(relu(corr1x1(x))))
    p4 = relu(corr1x1(maxpool3x3(x)))
    y = concatenation of p1, p2, p3, p4 along the channels
    ```

    Args:
        c1: output channels of path 1.
        c2: channels of both convolutions of path 2.
        c3: channels of both convolutions of path 3.
        c4: output channels of path 4.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).

    Returns:
        (batch, height, width, c1 + c2[1] + c3[1] + c4).

    Raises:
        ValueError: a number of channels is not a positive int or pair.

    Example:
    >>> layer = Inception(64, (96, 128), (16, 32), 32)
    >>> tuple(layer(keras.ops.zeros((1, 12, 12, 192))).shape)
    (1, 12, 12, 256)

    Source: sheet §6.10 and Figure 6.8.
    """

    def __init__(
        self,
        c1: int,
        c2: tuple[int, int],
        c3: tuple[int, int],
        c4: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.c1 = check_count("Inception", "c1", c1)
        self.c2 = check_pair("Inception", "c2", c2)
        self.c3 = check_pair("Inception", "c3", c3)
        self.c4 = check_count("Inception", "c4", c4)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        def conv(filters: int, size: int, name: str) -> Corr2D:
            return Corr2D(
                filters,
                size,
                padding=size // 2,
                activation="relu",
                name=name,
                **inherited(self),
            )

        pool = Pool2D(3, strides=1, padding=1, name="p4_1", **inherited(self))
        self.path1 = [conv(self.c1, 1, "p1_1")]
        self.path2 = [conv(self.c2[0], 1, "p2_1"), conv(self.c2[1], 3, "p2_2")]
        self.path3 = [conv(self.c3[0], 1, "p3_1"), conv(self.c3[1], 5, "p3_2")]
        self.path4 = [pool, conv(self.c4, 1, "p4_2")]
        for path in (self.path1, self.path2, self.path3, self.path4):
            build_chain(path, input_shape)

    def call(self, images: Tensor) -> Tensor:
        paths = (self.path1, self.path2, self.path3, self.path4)
        return keras.ops.concatenate([call_chain(p, images) for p in paths], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.c1 + self.c2[1] + self.c3[1] + self.c4)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "c1": self.c1,
            "c2": self.c2,
            "c3": self.c3,
            "c4": self.c4,
        }
