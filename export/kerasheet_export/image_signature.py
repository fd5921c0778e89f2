"""What a classifier of images answers besides arrays: files, and tf.Example."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasheet_export.signature import Answer, Signature, inference

CLASSIFY, PREDICT_BYTES = "classify", "predict_bytes"
IMAGE_BYTES = "image_bytes"
LUMA = (19595, 38470, 7471)
"""Weights of red, green and blue in a grey of 16 bits, as Pillow has them."""


def takes_images(model: keras.Model) -> bool:
    """Whether the input is (batch, height, width, 1 or 3 channels), of known sizes."""
    shape = tuple(model.inputs[0].shape)
    return len(shape) == 4 and shape[3] in (1, 3) and None not in shape[1:]


def predict_bytes(model: keras.Model, labels: Sequence[str], scale: float) -> Signature:
    """Encoded images in: decoded, converted, resized and scaled inside the graph.

    Step by step what `kerasheet predict --resize` does outside of it: transparent is
    black, grey is Pillow's, and a bicubic resize rounds to 8 bits after the columns
    and again after the rows.

    Args:
        model: for which `takes_images` holds.
        labels: as for `inference`.
        scale: what the model takes for each of 255 steps of a pixel.

    Returns:
        Of `image_bytes`, (batch,), each a whole PNG, JPEG, GIF or BMP file, to what
        `inference` answers.
    """
    plain = inference(model, labels)
    shape = tuple(model.inputs[0].shape[1:])

    def prepare(files: tf.Tensor) -> tf.Tensor:
        pixels = tf.map_fn(
            lambda file: decode(file, shape),
            files,
            fn_output_signature=tf.TensorSpec(shape, tf.float32),
        )
        return tf.cast(pixels, model.inputs[0].dtype) * scale

    spec = tf.TensorSpec((None,), tf.string, name=IMAGE_BYTES)
    return Signature(model, [spec], prepare, plain.answer)


def classify(
    model: keras.Model, labels: Sequence[str], scale: float | None
) -> Signature:
    """TensorFlow Serving's Classify: tf.Example in, a label and a score per class out.

    Args:
        model: as for `inference`.
        labels: of the classes; their numbers if there are none.
        scale: as for `inference`.

    Returns:
        Of `inputs`, (batch,), each a serialized tf.Example that holds all numbers of
        the model's input as one feature of its name, to `classes` and `scores`, both
        (batch, classes).
    """
    plain = inference(model, scale=scale)
    [spec] = plain.inputs
    names = list(labels) or [str(one) for one in range(model.outputs[0].shape[-1])]
    kind = tf.float32 if spec.dtype.is_floating else tf.int64
    features = {spec.name: tf.io.FixedLenFeature(spec.shape[1:], kind)}

    def prepare(examples: tf.Tensor) -> tf.Tensor:
        parsed = tf.io.parse_example(examples, features)[spec.name]
        return plain.prepare(tf.cast(parsed, spec.dtype))

    def answer(outputs: tf.Tensor) -> Answer:
        scores = plain.answer(outputs)["probabilities"]
        classes = tf.broadcast_to(tf.constant(names), tf.shape(scores))
        return {"classes": classes, "scores": scores}

    examples = tf.TensorSpec((None,), tf.string, name="inputs")
    return Signature(model, [examples], prepare, answer)


def decode(file: tf.Tensor, shape: tuple[int, int, int]) -> tf.Tensor:
    """One encoded image as (height, width, channels), float32, whole numbers to 255."""
    height, width, channels = shape
    image = tf.cond(
        tf.io.is_jpeg(file),
        lambda: tf.io.decode_jpeg(file, dct_method="INTEGER_ACCURATE"),
        lambda: tf.io.decode_image(file, expand_animations=False),
    )
    image = _on_black(tf.cast(image, tf.int32))
    if channels == 1:
        image = tf.reduce_sum(image * tf.constant(LUMA), axis=-1, keepdims=True)
        image = tf.bitwise.right_shift(image + 2**15, 16)
    pixels = tf.cast(image, tf.float32)
    pixels = _resize(pixels, (tf.shape(pixels)[0], width))
    return tf.ensure_shape(_resize(pixels, (height, width)), shape)


def _on_black(image: tf.Tensor) -> tf.Tensor:
    """(rows, columns, 3) of a grey or coloured image, with or without transparency."""
    count = tf.shape(image)[-1]
    clear = count % 2 == 0
    colours = image[..., : count - tf.cast(clear, tf.int32)]
    colours = tf.broadcast_to(colours, [*tf.unstack(tf.shape(image)[:2]), 3])
    alpha = tf.where(clear, image[..., -1:], 255)
    return (colours * alpha * 2 + 255) // 510  # the nearest of 255ths


def _resize(pixels: tf.Tensor, size: tuple[tf.Tensor | int, int]) -> tf.Tensor:
    resized = tf.image.resize(pixels, size, "bicubic", antialias=True)
    return tf.clip_by_value(tf.floor(resized + 0.5), 0.0, 255.0)
