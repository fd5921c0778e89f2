"""The batch-normalization layer (sheet §6.11)."""

from typing import Any

import keras

from kerasheet import ops
from kerasheet.layers.arguments import check_known, describe
from kerasheet.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasheet")
class BatchNorm(keras.Layer):
    """Give every channel a learned mean β and standard deviation γ.

    ```
    y = γ (x - μ) / sqrt(σ² + ε) + β
    ```

    In training μ and σ² are the batch's own mean and biased variance, and
    `average = momentum * average + (1 - momentum) * value` moves both averages. In
    inference the moving averages stand in for them, so that a sample's answer does
    not depend on its batch. The statistics are float32 under mixed precision.

    Under `tf.distribute` each replica normalizes its part of the batch by that part's
    own statistics, or by the whole batch's if `synchronized`; either way the moving
    averages are the mean over the replicas, and the same on all.

    Args:
        momentum: share of the old average kept at each step, from 0 to 1 (PyTorch
            calls 1 - momentum so).
        epsilon: ε > 0, keeps the division finite.
        synchronized: whether replicas share their statistics; only with TensorFlow.
        **kwargs: passed on to `keras.Layer`. A layer with `trainable=False` normalizes
            by its moving averages and leaves them alone, as in Keras.

    Call arguments:
        x: (batch, channels) or (batch, height, width, channels).
        training: whether to use, and record, the batch's own statistics.

    Returns:
        The same shape.

    Raises:
        ValueError: an argument is out of range, the rank is neither 2 nor 4, or the
            number of channels is unknown.

    Example:
    >>> x = keras.ops.convert_to_tensor([[1.0], [3.0]])
    >>> BatchNorm()(x, training=True).numpy().round(3).tolist()
    [[-1.0], [1.0]]

    Source: sheet §6.11, errata 31, 34 and 35.
    """

    def __init__(
        self,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(momentum, int | float) or not 0 <= momentum <= 1:
            raise ValueError(
                "BatchNorm needs `momentum` from 0 to 1. "
                f"Received: momentum={momentum!r}."
            )
        if not isinstance(epsilon, int | float) or not epsilon > 0:
            raise ValueError(
                f"BatchNorm needs `epsilon` above 0. Received: epsilon={epsilon!r}."
            )
        self.momentum = momentum
        if synchronized and keras.backend.backend() != "tensorflow":
            raise ValueError(
                "BatchNorm has `synchronized=True` with Keras' TensorFlow backend "
                f"only. Received: the backend {keras.backend.backend()!r}."
            )
        self.epsilon = epsilon
        self.synchronized = synchronized

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) not in (2, 4):
            raise ValueError(
                f"{describe(self)} needs (batch, channels) or (batch, height, width, "
                f"channels). Received: input shape {input_shape}."
            )
        channels = check_known(self, input_shape)
        self.gamma = self._add_statistic("gamma", channels, "ones", True)
        self.beta = self._add_statistic("beta", channels, "zeros", True)
        self.moving_mean = self._add_statistic("moving_mean", channels, "zeros", False)
        self.moving_variance = self._add_statistic(
            "moving_variance", channels, "ones", False
        )
        axes = {-1: channels}
        self.input_spec = keras.InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        moves = training and self.trainable
        outputs, mean, variance = ops.batch_norm(
            x,
            self.gamma,
            self.beta,
            self.moving_mean,
            self.moving_variance,
            moves,
            self.momentum,
            self.epsilon,
            self.synchronized,
        )
        if moves:
            self.moving_mean.assign(mean)
            self.moving_variance.assign(variance)
        return outputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "synchronized": self.synchronized,
        }

    def _add_statistic(
        self, name: str, channels: int, initializer: str, trainable: bool
    ) -> keras.Variable:
        return self.add_weight(
            name=name,
            shape=(channels,),
            initializer=initializer,
            trainable=trainable,
            autocast=False,
            aggregation="none" if trainable else "mean",
            dtype="float64" if self.variable_dtype == "float64" else "float32",
        )


def synchronize(model: keras.Model) -> None:
    """Have every batch normalization of a model share its statistics over replicas.

    Example:
    >>> from kerasheet.models import lenet
    >>> model = lenet(batch_norm=True)
    >>> synchronize(model)
    >>> model.get_layer("norm_conv1").synchronized
    True
    """
    for layer in model._flatten_layers():
        if isinstance(layer, BatchNorm):
            layer.synchronized = True
