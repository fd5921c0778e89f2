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
            dressed = [_of_files(model, version), _of_examples(model, version, images)]
    return subjects + dressed


def _of_arrays(name, model, version, images):
    batches = [images[:size] for size in BATCHES]
    runs = [Run({"images": x}, keras_says(model(x, training=False))) for x in batches]
    return Subject(name, version, tuple(runs))


def _of_files(model, version):
    shape = (max(BATCHES), *model.input_shape[1:])
    pixels = np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)
    said = keras_says(model((pixels * SCALE).astype("float32"), training=False))
    said["classes"] = np.array(LABELS)[said["logits"].argmax(axis=-1)].astype("S")
    run = Run({"image_bytes": np.array([_png(one) for one in pixels])}, said)
    return Subject(FILES, version, (run,), None, "predict_bytes")


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
