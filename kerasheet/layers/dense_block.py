"""DenseNet's two blocks (sheet §6.13)."""

from typing import Any

import keras

from kerasheet import ops
from kerasheet.layers.arguments import check_count, check_known, describe
from kerasheet.layers.chain import build_chain, inherited
from kerasheet.layers.correlation import Corr2D
from kerasheet.layers.normalization import BatchNorm
from kerasheet.layers.pooling import Pool2D
from kerasheet.ops.window import output_shape
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class DenseBlock(keras.Layer):
    """Every convolution sees the channels of all before it.

    ```
    x ← concatenation of x and corr3x3(relu(bn(x))), num_convs times
    ```

    Args:
        num_convs: number of convolutions.
        growth_rate: channels that each adds.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).
        training: whether batch norm uses the batch's own statistics.

    Returns:
        (batch, height, width, channels + num_convs * growth_rate).

    Raises:
        ValueError: an argument is not a positive int.

    Example:
    >>> tuple(DenseBlock(2, 10)(keras.ops.zeros((4, 8, 8, 3))).shape)
    (4, 8, 8, 23)

    Source: sheet §6.13 and Figure 6.10.
    """

    def __init__(self, num_convs: int, growth_rate: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_convs = check_count("DenseBlock", "num_convs", num_convs)
        self.growth_rate = check_count("DenseBlock", "growth_rate", growth_rate)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        kind = inherited(self)
        numbers = range(1, self.num_convs + 1)
        self.norms = [BatchNorm(name=f"norm{n}", **kind) for n in numbers]
        self.convs = [
            Corr2D(self.growth_rate, 3, padding=1, name=f"conv{n}", **kind)
            for n in numbers
        ]
        channels = check_known(self, input_shape)
        for norm, conv in zip(self.norms, self.convs, strict=True):
            build_chain([norm, conv], (*input_shape[:-1], channels))
            channels += self.growth_rate

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        x = images
        for norm, conv in zip(self.norms, self.convs, strict=True):
            y = conv(ops.relu(norm(x, training=training)))
            x = keras.ops.concatenate([x, y], axis=-1)
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        channels = check_known(self, input_shape)
        return (*input_shape[:-1], channels + self.num_convs * self.growth_rate)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_convs": self.num_convs,
            "growth_rate": self.growth_rate,
        }


@keras.saving.register_keras_serializable(package="kerasheet")
class Transition(keras.Layer):
    """Fewer channels and half the image between two dense blocks.

    ```
    y = avgpool2x2(corr1x1(relu(bn(x))))
    ```

    Args:
        filters: output channels.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).
        training: whether batch norm uses the batch's own statistics.

    Returns:
        (batch, height // 2, width // 2, filters).

    Raises:
        ValueError: `filters` is not a positive int, or the image is under 2×2.

    Example:
    >>> tuple(Transition(10)(keras.ops.zeros((4, 8, 8, 23))).shape)
    (4, 4, 4, 10)

    Source: sheet §6.13 and Figure 6.10.
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = check_count("Transition", "filters", filters)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        self.compute_output_shape(input_shape)  # refuses images too small
        kind = inherited(self)
        self.norm = BatchNorm(name="norm", **kind)
        self.conv = Corr2D(self.filters, 1, name="conv", **kind)
        self.pool = Pool2D(2, mode="avg", name="pool", **kind)
        build_chain([self.norm, self.conv, self.pool], input_shape)

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        return self.pool(self.conv(ops.relu(self.norm(images, training=training))))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        height, width = output_shape(
            describe(self), input_shape, (2, 2), (2, 2), "valid"
        )
        return (input_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}
