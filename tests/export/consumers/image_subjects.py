"""Every model of images, and what a SavedModel takes besides arrays."""

import io

import numpy as np
import tensorflow as tf
from model_cases import CASES
from PIL import Image
from subject import BATCHES, Run, Subject, keras_says
from vivid_weights import RELU_GAIN, SIGMOID_GAIN, make_vivid, vivid_images

from kerasheet_export import export

IMAGE_MODELS = [case.name for case in CASES]
DRESSED = "lenet"  # the model that is also asked through files
BITS_8 = f"{DRESSED} of 8 bits"
FILES, EXAMPLES = f"{DRESSED} from PNG files", f"{DRESSED} from tf.Examples"
CHEAPER = {"vgg11": {"dense_units": 64}}  # 9 million parameters, not 28
LABELS = tuple(f"class {index}" for index in range(10))
SCALE = 1 / 255


def publish_image_subjects(repository):
    """Export every image model, and make a subject of each signature.

    Returns:
        Subjects, those of `IMAGE_MODELS` first.
    """
    subjects, dressed = [], []
    for case in CASES:
        model = case.build(**CHEAPER.get(case.name, {}))
        images = vivid_images(model.input_shape[1:], 16)
        sigmoids = case.name.startswith("lenet")
        make_vivid(model, images, SIGMOID_GAIN if sigmoids else RELU_GAIN)
        version = export(
            model, repository, case.name, labels=LABELS, samples=images, scale=SCALE
        )
        subjects.append(_of_arrays(case.name, model, version, images))
        if case.name == DRESSED:
            dressed = [
                _of_8_bits(model, repository),
                _of_files(model, version),
                _of_examples(model, version, images),
            ]
    return subjects + dressed


def _of_arrays(name, model, version, images):
    batches = [images[:size] for size in BATCHES]
    runs = [Run({"images": x}, keras_says(model(x, training=False))) for x in batches]
    return Subject(name, version, tuple(runs))


def _of_8_bits(model, repository):
    version = export(
        model,
        repository,
        f"{DRESSED}_of_8_bits",
        labels=LABELS,
        scale=SCALE,
        uint8=True,
    )
    pixels, said = _pixels(model)
    return Subject(BITS_8, version, (Run({"images": pixels}, said),))


def _of_files(model, version):
    pixels, said = _pixels(model)
    classes = np.array(LABELS)[said["logits"].argmax(axis=-1)].astype("S")
    files = np.array([_png(one) for one in pixels])
    run = Run({"image_bytes": files}, said | {"classes": classes})
    return Subject(FILES, version, (run,), None, "predict_bytes")


def _pixels(model):
    """Images of 8 bits, coarse as the others, and what Keras says of them."""
    images = vivid_images(model.input_shape[1:], max(BATCHES))
    pixels = np.clip(images * 128 + 128, 0, 255).astype("uint8")
    scaled = (pixels * SCALE).astype("float32")
    return pixels, keras_says(model(scaled, training=False))


def _of_examples(model, version, images):
    batch = images[: max(BATCHES)]
    scores = keras_says(model(batch, training=False))["probabilities"]
    classes = np.broadcast_to(np.array(LABELS).astype("S"), scores.shape)
    run = Run(
        {"inputs": np.array([_example(one) for one in batch])},
        {"scores": scores, "classes": classes},
    )
    return Subject(EXAMPLES, version, (run,), None, "classify")


def _png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0]).save(file, "PNG")
    return file.getvalue()


def _example(image):
    numbers = tf.train.FloatList(value=image.ravel().tolist())
    features = {"images": tf.train.Feature(float_list=numbers)}
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString()
