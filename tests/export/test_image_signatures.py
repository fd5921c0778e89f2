"""Image files and tf.Examples in, answers out, all inside the SavedModel."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kerasheet.data.image_file import decode_image
from kerasheet.models import softmax_regression
from kerasheet_export import export
from kerasheet_export.image_signature import decode
from kerasheet_export.saved_model import SavedModel
from kerasheet_serving import Session, read_manifest

SHAPES = (28, 28, 1), (33, 40, 3)


def picture(mode, size, seed=0):
    """A smooth one: JPEG of noise would be a test of JPEG."""
    channels = len(Image.new(mode, (1, 1)).getbands())
    rng = np.random.default_rng(seed)
    rough = rng.integers(256, size=(4, 5, channels), dtype=np.uint8).squeeze()
    return Image.fromarray(rough, mode).resize(size)


def encoded(image, form):
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def pixels(file, shape):
    """By the graph, and by Pillow as `kerasheet predict --resize` has them."""
    ours = tf.function(lambda one: decode(one, shape))(tf.constant(file)).numpy()
    return ours, decode_image(io.BytesIO(file), shape) * 255


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("PNG", "L"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "LA"),
        ("JPEG", "L"),
        ("JPEG", "RGB"),
        ("BMP", "RGB"),
        ("GIF", "L"),
    ],
)
def test_a_file_of_the_models_size_has_the_pixels_of_pillow(form, mode, shape):
    height, width, _ = shape
    ours, expected = pixels(encoded(picture(mode, (width, height)), form), shape)
    np.testing.assert_allclose(ours, expected, atol=1e-4)


@pytest.mark.parametrize("size", [(31, 50), (333, 200), (10, 9), (1, 1)])
def test_a_resized_file_has_the_pixels_of_pillow_to_two_of_255(size):
    """Pillow rounds between columns and rows, and chooses which of them are first."""
    for shape in SHAPES:
        ours, expected = pixels(encoded(picture("RGB", size), "PNG"), shape)
        assert np.max(np.abs(ours - expected)) <= 2


def test_an_animation_counts_by_its_first_frame():
    first, second = picture("L", (28, 28)), picture("L", (28, 28), seed=1)
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=[second])
    ours, expected = pixels(file.getvalue(), (28, 28, 1))
    np.testing.assert_allclose(ours, expected, atol=1e-4)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    model = softmax_regression((6, 5, 3), 4)
    labels = ["ant", "bee", "cat", "dog"]
    version = export(
        model, tmp_path_factory.mktemp("repository"), "m", labels=labels, scale=1 / 255
    )
    return model, SavedModel(version)


def test_a_label_stands_beside_the_probabilities(published):
    model, saved_model = published
    x = np.random.default_rng(0).random((9, 6, 5, 3), "float32")
    answer = saved_model.run({model.inputs[0].name: x})
    best = np.argmax(answer["probabilities"], axis=-1)
    assert [name.decode() for name in answer["classes"]] == [
        ["ant", "bee", "cat", "dog"][index] for index in best
    ]


def test_files_and_examples_are_answered_as_arrays_are(published):
    model, saved_model = published
    name = model.inputs[0].name
    images = [picture("RGB", (5, 6), seed) for seed in range(3)]
    x = np.stack([np.asarray(one) for one in images]) / np.float32(255)
    expected = saved_model.run({name: x})
    files = np.array([encoded(one, "PNG") for one in images], object)
    answer = saved_model.run({"image_bytes": files}, "predict_bytes")
    np.testing.assert_allclose(answer["logits"], expected["logits"], atol=1e-6)
    feature = [
        tf.train.Feature(float_list=tf.train.FloatList(value=one.ravel())) for one in x
    ]
    examples = [
        tf.train.Example(features=tf.train.Features(feature={name: one}))
        for one in feature
    ]
    inputs = np.array([one.SerializeToString() for one in examples], object)
    answer = saved_model.run({"inputs": inputs}, "classify")
    np.testing.assert_allclose(answer["scores"], expected["probabilities"], atol=1e-6)
    assert answer["classes"].tolist() == [[b"ant", b"bee", b"cat", b"dog"]] * 3


def test_a_file_that_is_no_image_is_refused(published):
    _, saved_model = published
    with pytest.raises(tf.errors.InvalidArgumentError):
        saved_model.run({"image_bytes": np.array([b"no image"])}, "predict_bytes")


def test_bytes_are_scaled_in_the_graph_if_asked_for(run, tmp_path):
    version = export(run, tmp_path, uint8=True)
    [spec] = read_manifest(version).inputs
    assert str(spec) == "images uint8[batch, 28, 28, 1]"
    x = np.random.default_rng(0).integers(256, size=(4, 28, 28, 1), dtype=np.uint8)
    expected = np.asarray(run.load_model()(x / np.float32(255), training=False))
    answers = Session(version).run({"images": x})
    np.testing.assert_allclose(answers["logits"], expected, rtol=1e-4, atol=1e-5)
    operations = set(read_manifest(version).signatures)
    assert operations == {"serving_default", "classify", "predict_bytes"}
