"""The convolutional layer (sheet §6.1–6.4)."""

from typing import Any

import keras

from kerasheet import ops
from kerasheet.layers.arguments import check_count, check_known, describe
from kerasheet.ops.window import Padding, check_padding, check_pair, output_shape
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class Corr2D(keras.Layer):
    """A bank of learned filters slid over an image.

    ```
    y[n,i,j,f] = activation(
        bias[f] + sum_{u,v,c} x[n, i*s+u, j*s+v, c] * kernel[u,v,c,f]
    )
    ```

    Args:
        filters: number of output channels.
        kernel_size: (rows, columns) of every filter, or one number, in pixels.
        strides: step s between neighbouring stops, in pixels; one, or (rows, columns).
        padding: `"valid"`, `"same"`, or the sheet's p zeros on each side: one number,
            or (rows, columns). At a stride of 2 `"same"` pads unevenly: the book's
            networks need the number.
        activation: name or function applied to the outputs; None for none.
        use_bias: whether to add a bias to every output channel.
        kernel_initializer: for the kernel, (rows, columns, channels, filters).
        bias_initializer: for the bias, (filters,).
        kernel_regularizer: a penalty on the kernel, added to the loss.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        images: (batch, height, width, channels).

    Returns:
        (batch, new_height, new_width, filters), where the new sizes are
        `kerasheet.ops.output_size` of the old.

    Raises:
        ValueError: an argument is of no known form, a filter does not fit into the
            padded image, or the number of channels is unknown.

    Example:
    >>> layer = Corr2D(filters=6, kernel_size=5)
    >>> tuple(layer(keras.ops.zeros((2, 28, 28, 1))).shape)
    (2, 24, 24, 6)

    Source: sheet §6.1–6.4.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = 1,
        padding: Padding = "valid",
        activation: Any = None,
        use_bias: bool = True,
        *,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = check_count("Corr2D", "filters", filters)
        self.kernel_size = check_pair("Corr2D", "kernel_size", kernel_size)
        self.strides = check_pair("Corr2D", "strides", strides)
        self.padding = check_padding("Corr2D", padding)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.input_spec = keras.InputSpec(ndim=4)

    def build(self, input_shape: Shape) -> None:
        self.compute_output_shape(input_shape)  # refuses images too small
        channels = check_known(self, input_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels, self.filters),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer=self.bias_initializer
            )
        self.input_spec = keras.InputSpec(ndim=4, axes={-1: channels})

    def call(self, images: Tensor) -> Tensor:
        outputs = ops.corr2d(images, self.kernel, self.bias, self.strides, self.padding)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        owner = describe(self)
        height, width = output_shape(
            owner, input_shape, self.kernel_size, self.strides, self.padding
        )
        return (input_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
