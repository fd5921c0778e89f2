"""Batch statistics of images with few channels, faster than TensorFlow's fused kernel.

On a processor that kernel works channel by channel, without vector instructions where
there are fewer than these have lanes. Here a row of pixels is one long vector.
"""

from typing import Any

import tensorflow as tf

from kerasheet.typing import Tensor

CHANNELS = 32
"""From so many on the fused kernel is the faster, on two cores with AVX2."""


def is_narrow(x: Tensor) -> bool:
    """Whether `standardize` is for this tensor: few channels of known width, no GPU."""
    known = len(x.shape) == 4 and None not in x.shape[2:]
    narrow = known and x.dtype == tf.float32 and x.shape[3] < CHANNELS
    return narrow and not tf.config.list_logical_devices("GPU")


def standardize(
    x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalize by the batch's own statistics, with its gradient by hand.

    ```
    y = γ r d + β        d = x - μ        r = 1 / sqrt(mean(d²) + ε)
    ∂L/∂x = γ r (g - mean(g) - r² d mean(g d)),        g = ∂L/∂y
    ```

    Args:
        x: (batch, height, width, channels), of which `is_narrow` is true.
        gamma: γ, (channels,).
        beta: β, (channels,).
        epsilon: ε.

    Returns:
        (outputs, mean, biased variance), the statistics of shape (channels,) and
        without a gradient.

    Source: sheet §6.11, errata 31, 34 and 35.
    """
    width, channels = x.shape[2:]

    def mean_of(rows: Tensor) -> Tensor:
        """Of every channel, (channels,), by a product with ones."""
        count = tf.shape(rows)[0]
        sums = tf.matmul(tf.ones((1, count)), rows)
        return tf.reduce_mean(tf.reshape(sums, (width, channels)), 0) / tf.cast(
            count, tf.float32
        )

    def long(vector: Tensor) -> Tensor:
        return tf.tile(vector, [width])

    @tf.custom_gradient
    def normalize(x: Tensor, gamma: Tensor, beta: Tensor) -> Any:
        rows = tf.reshape(x, (-1, width * channels))
        mean = mean_of(rows)
        centred = rows - long(mean)
        variance = mean_of(tf.square(centred))
        inverse = tf.math.rsqrt(variance + epsilon)
        outputs = centred * long(gamma * inverse) + long(beta)

        def gradient(along: Tensor, *_: Tensor) -> tuple[Tensor, ...]:
            slopes = tf.reshape(along, (-1, width * channels))
            count = tf.cast(tf.size(slopes) // channels, tf.float32)
            shift, scale = mean_of(slopes), mean_of(slopes * centred) * inverse
            factor = gamma * inverse
            back = slopes * long(factor) - (
                centred * long(factor * inverse * scale) + long(factor * shift)
            )
            return tf.reshape(back, tf.shape(along)), scale * count, shift * count

        return (tf.reshape(outputs, tf.shape(x)), mean, variance), gradient

    given = (tf.convert_to_tensor(one) for one in (x, gamma, beta))  # no variables
    outputs, mean, variance = normalize(*given)
    outputs.set_shape(x.shape)
    return outputs, mean, variance
