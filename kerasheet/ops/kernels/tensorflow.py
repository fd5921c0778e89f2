"""Where TensorFlow has something faster, or easier to export, than Keras 3 uses."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasheet.ops.kernels import narrow, portable
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
    if narrow.is_narrow(x):
        return narrow.standardize(x, gamma, beta, epsilon)
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


def standardize_together(
    x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """`standardize` by the statistics of the parts of a batch on all replicas."""
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return standardize(x, gamma, beta, epsilon)
    exact = tf.cast(x, gamma.dtype)
    axes = list(range(len(x.shape) - 1))
    values = tf.cast(tf.size(x) // tf.shape(x)[-1], gamma.dtype)
    total, values = replica.all_reduce("SUM", [tf.reduce_sum(exact, axes), values])
    mean = total / values
    squares = tf.reduce_sum(tf.square(exact - mean), axes)
    variance = replica.all_reduce("SUM", squares) / values
    outputs = portable.normalize(x, gamma, beta, mean, variance, epsilon)
    return outputs, mean, variance


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


def scan(
    step: Callable[..., tuple[Tensor, Tensor]],
    carry: Tensor,
    sequences: Sequence[Tensor],
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Loop over the first axis, in the one form that tf2onnx and XLA both translate."""
    if sequences[0].shape[0] == 1:  # a token to go on from: no loop to set up
        carry, answer = step(carry, *(one[0] for one in sequences))
        return carry, answer[None]
    steps = tf.shape(sequences[0])[0]
    slices = [
        tf.TensorArray(one.dtype, steps, element_shape=one.shape[1:]).unstack(one)
        for one in sequences
    ]
    answers = tf.TensorArray(carry.dtype, steps, element_shape=carry.shape)

    def body(index: Tensor, carry: Tensor, answers: tf.TensorArray) -> tuple[Any, ...]:
        at = steps - 1 - index if reverse else index
        carry, answer = step(carry, *(one.read(at) for one in slices))
        return index + 1, carry, answers.write(at, answer)

    _, carry, answers = tf.while_loop(
        lambda index, *_: index < steps,
        body,
        (tf.constant(0), carry, answers),
        maximum_iterations=steps,
    )
    stacked = answers.stack()
    stacked.set_shape((sequences[0].shape[0], *carry.shape))
    return carry, stacked


def read(x: Tensor) -> Tensor:
    """The value of a variable; a tensor stays."""
    return tf.convert_to_tensor(x)


def take_rows(table: Tensor, ids: Tensor) -> Tensor:
    """Row `ids[...]` of a table, (rows, columns), at every place of `ids`."""
    return tf.gather(table, ids)


def uniform(shape: Tensor, seed: int | keras.random.SeedGenerator | None) -> Tensor:
    """Numbers from 0 to 1; replicas draw different ones from the same generator."""
    replica = tf.distribute.get_replica_context()
    alone = replica is None or replica.num_replicas_in_sync == 1
    if alone or not isinstance(seed, keras.random.SeedGenerator):
        return portable.uniform(shape, seed)
    rank = replica.replica_id_in_sync_group
    own = tf.random.fold_in(seed.next(), rank)
    return tf.random.stateless_uniform(shape, own, dtype=tf.float32)


def _has_fused_kernel(x: Tensor, gamma: Tensor) -> bool:
    types = (tf.float16, tf.bfloat16, tf.float32)
    return len(x.shape) == 4 and gamma.dtype == tf.float32 and x.dtype in types
