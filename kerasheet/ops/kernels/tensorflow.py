"""Batch statistics in TensorFlow's fused kernel, which Keras 3 does not use."""

import tensorflow as tf

from kerasheet.ops.kernels import portable
from kerasheet.typing import Tensor


def standardize(
    x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalize by the batch's own statistics.

    Returns:
        (outputs, mean, biased variance), the statistics of shape (channels,).
    """
    if not _has_fused_kernel(x, gamma):
        return portable.standardize(x, gamma, beta, epsilon)
    outputs, mean, unbiased, *_ = tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=gamma,
        offset=beta,
        mean=tf.zeros([0]),
        variance=tf.zeros([0]),
        epsilon=epsilon,
        is_training=True,
    )
    values = tf.cast(tf.size(x) // tf.shape(x)[-1], tf.float32)
    return outputs, mean, unbiased * (tf.maximum(values - 1.0, 1.0) / values)


def normalize(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: float,
) -> Tensor:
    """Normalize by given statistics."""
    if not _has_fused_kernel(x, gamma):
        return portable.normalize(x, gamma, beta, mean, variance, epsilon)
    return tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=gamma,
        offset=beta,
        mean=mean,
        variance=variance,
        epsilon=epsilon,
        is_training=False,
    ).y


def _has_fused_kernel(x: Tensor, gamma: Tensor) -> bool:
    types = (tf.float16, tf.bfloat16, tf.float32)
    return len(x.shape) == 4 and gamma.dtype == tf.float32 and x.dtype in types
