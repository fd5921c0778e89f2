"""Images changed at random, so that a model sees each of them in many forms."""

import tensorflow as tf

from kerasheet.typing import Tensor

ALGORITHM = "philox"
"""Of random numbers; TensorFlow's own choice is another under XLA."""


def augment(
    images: Tensor, seed: Tensor, *, flip: bool = False, crop: int = 0, shift: int = 0
) -> Tensor:
    """Flip, crop and shift every image of a batch by chance, each on its own.

    It belongs into the training step, not into the model: what is exported takes images
    as they are.

    Args:
        images: (batch, height, width, channels).
        seed: (2,), integers. The same images with the same seed give the same result,
            so a training that resumes at a step can repeat it: pass (seed, step).
        flip: whether half of the images are mirrored left to right.
        crop: pixels of black put around every image, before a window of the image's
            size is cut out anywhere in it.
        shift: most pixels that an image moves, up or down and left or right; its edge
            is repeated in its wake.

    Returns:
        (batch, height, width, channels), of the same type.

    Raises:
        ValueError: `crop` or `shift` is not an int from 0.

    Example:
    >>> image = tf.reshape([0.1, 0.2, 0.3], (1, 1, 3, 1))
    >>> augment(image, (0, 6), shift=1).shape
    TensorShape([1, 1, 3, 1])
    """
    for name, pixels in (("crop", crop), ("shift", shift)):
        if type(pixels) is not int or pixels < 0:
            raise ValueError(
                f"Augmentation needs `{name}` to be an int from 0, in pixels. "
                f"Received: {name}={pixels!r}."
            )
    flip_seed, crop_seed, shift_seed = tf.unstack(
        tf.random.split(seed, 3, alg=ALGORITHM)
    )
    if flip:
        images = _flip(images, flip_seed)
    if crop:
        images = _crop(images, crop_seed, crop)
    return _shift(images, shift_seed, shift) if shift else images


def _flip(images: Tensor, seed: Tensor) -> Tensor:
    mirror = _draw(seed, (tf.shape(images)[0], 1, 1, 1), 0, 1) == 1
    return tf.where(mirror, tf.reverse(images, [2]), images)


def _crop(images: Tensor, seed: Tensor, pixels: int) -> Tensor:
    height, width = images.shape[1:3]
    padded = tf.pad(images, [(0, 0), (pixels, pixels), (pixels, pixels), (0, 0)])
    top, left = tf.unstack(_draw(seed, (2, tf.shape(images)[0], 1), 0, 2 * pixels))
    return _gather(padded, top + tf.range(height), left + tf.range(width))


def _shift(images: Tensor, seed: Tensor, pixels: int) -> Tensor:
    height, width = images.shape[1:3]
    moves = _draw(seed, (2, tf.shape(images)[0], 1), -pixels, pixels)
    down, right = tf.unstack(moves)
    rows = tf.clip_by_value(tf.range(height) - down, 0, height - 1)
    columns = tf.clip_by_value(tf.range(width) - right, 0, width - 1)
    return _gather(images, rows, columns)


def _draw(
    seed: Tensor, shape: tuple[Tensor | int, ...], least: int, most: int
) -> Tensor:
    """Whole numbers: as floats they would be others under XLA."""
    return tf.random.stateless_uniform(
        shape, seed, least, most + 1, dtype=tf.int32, alg=ALGORITHM
    )


def _gather(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The pixels at (batch, height) rows and (batch, width) columns."""
    images = tf.gather(images, rows, axis=1, batch_dims=1)
    return tf.gather(images, columns, axis=2, batch_dims=1)
