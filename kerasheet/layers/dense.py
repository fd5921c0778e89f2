"""The affine layer (sheet §1.3 and §2.2)."""

from typing import Any

import keras
from keras import ops

from kerasheet.layers.arguments import check_count, check_known
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class Dense(keras.Layer):
    """Every output unit sees every input feature.

    ```
    H = activation(X W + b)
    ```

    Args:
        units: number of output units.
        activation: name or function applied to the outputs; None for none.
        use_bias: whether to add b.
        kernel_initializer: for W, (features, units).
        bias_initializer: for b, (units,).
        kernel_regularizer: a penalty on W, added to the loss; the bias has none.
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        x: (batch, ..., features).

    Returns:
        (batch, ..., units).

    Raises:
        ValueError: `units` is not a positive int, or the number of features unknown.

    Example:
    >>> tuple(Dense(10)(keras.ops.zeros((2, 784))).shape)
    (2, 10)

    Source: sheet §1.3, §2.2 and §2.4.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = check_count("Dense", "units", units)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.input_spec = keras.InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        features = check_known(self, input_shape, "features")
        self.kernel = self.add_weight(
            name="kernel",
            shape=(features, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.units,), initializer=self.bias_initializer
            )
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: features})

    def call(self, x: Tensor) -> Tensor:
        outputs = ops.matmul(x, self.kernel)
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
