"""`predict_bytes`: image files in a request, decoded as the model takes them."""

import base64
import io
import json
import sys
from contextlib import suppress

import numpy as np
import pytest
from onnx import helper
from PIL import Image, PngImagePlugin
from serving_http import InProcess
from serving_models import Model, identity, publish

from kerasheet_serving import (
    InvalidArgument,
    Manifest,
    Settings,
    TensorSpec,
    create_app,
)
from kerasheet_serving.errors import RequestTooLarge
from kerasheet_serving.v1 import image_bytes
from kerasheet_serving.v1.image_bytes import ImageFiles

LABELS = ("dark", "light")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    as_pixels = {"preprocessing": {"scale": 1.0, "resize": "bicubic"}}
    gray, colour = ("batch", 2, 3, 1), ("batch", 2, 3, 3)
    publish(root, "gray", identity("float32", gray), **as_pixels)
    publish(root, "colour", identity("float32", colour), **as_pixels)
    publish(root, "bytes", identity("uint8", gray), **as_pixels)
    publish(root, "half", identity("float32", gray), preprocessing={"scale": 0.5 / 255})
    publish(root, "plain", identity("float32", gray))
    publish(root, "vector", identity("float32", ("batch", 6)), **as_pixels)
    return InProcess(create_app(Settings(root)))


@pytest.fixture
def ask(server):
    def post(model, instances, key="instances"):
        body = json.dumps({"signature_name": "predict_bytes", key: instances})
        answer = server.ask("POST", f"/v1/models/{model}:predict", content=body)
        return answer.status_code, answer.json()

    return post


def encoded(pixels, mode=None, kind="PNG"):
    file = io.BytesIO()
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    image.convert(mode or image.mode).save(file, kind)
    return {"b64": base64.b64encode(file.getvalue()).decode()}


GRAY = np.uint8([[0, 51, 102], [153, 204, 255]])
AS_NUMBERS = GRAY[..., None].astype(float).tolist()


def test_a_gray_image_is_what_its_pixels_are(ask):
    assert ask("gray", [encoded(GRAY)]) == (200, {"predictions": [AS_NUMBERS]})


def test_several_images_in_rows_by_name_and_in_columns(ask):
    one, other = encoded(GRAY), encoded(255 - GRAY)
    rows = ask("gray", [{"image_bytes": one}, {"image_bytes": other}])
    status, columns = ask("gray", {"image_bytes": [one, other]}, key="inputs")
    assert (rows[0], status) == (200, 200)
    assert rows[1]["predictions"] == columns["outputs"]
    assert np.add(*columns["outputs"]).tolist() == [[[255.0]] * 3] * 2


def test_pixels_are_scaled_as_the_manifest_says(ask):
    _, answer = ask("half", [encoded(GRAY)])
    expected = GRAY[None, ..., None] / 255 / 2
    np.testing.assert_allclose(answer["predictions"], expected, rtol=1e-6)


def test_a_model_of_bytes_gets_bytes(ask):
    assert ask("bytes", [encoded(GRAY)])[1] == {
        "predictions": [GRAY[..., None].tolist()]
    }


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF"])
def test_a_gray_image_in_colour_has_three_equal_channels(ask, kind):
    _, answer = ask("colour", [encoded(GRAY, kind=kind)])
    np.testing.assert_array_equal(
        answer["predictions"], np.repeat(GRAY[None, ..., None], 3, axis=-1)
    )


def test_a_colour_is_as_gray_as_it_is_bright(ask):
    colour = np.zeros((2, 3, 3), np.uint8) + np.uint8([200, 100, 50])
    _, answer = ask("gray", [encoded(colour)])
    brightness = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert np.unique(answer["predictions"]).tolist() == [brightness]


def test_what_is_transparent_is_black(ask):
    clear = np.zeros((2, 3, 4), np.uint8) + np.uint8([200, 100, 50, 0])
    half = np.zeros((2, 3, 4), np.uint8) + np.uint8([200, 100, 50, 128])
    _, answer = ask("colour", [encoded(clear), encoded(half)])
    assert np.unique(answer["predictions"][0]).tolist() == [0]
    assert answer["predictions"][1][0][0] == [100.0, 50.0, 25.0]


def test_an_image_of_another_size_is_resized(ask):
    flat = np.full((20, 50), 77, np.uint8)
    assert ask("gray", [encoded(flat, kind="JPEG")]) == (
        200,
        {"predictions": [[[[77.0]] * 3] * 2]},
    )


REFUSED = "Cannot read image 1 of 'image_bytes': it is none of PNG, JPEG, GIF, BMP. "
ADVICE = "Send whole image files as base64."


@pytest.mark.parametrize("file", ["hello", {"b64": "aGVsbG8="}, {"b64": ""}])
def test_what_is_no_image_is_the_client_s_mistake(ask, file):
    assert ask("gray", [encoded(GRAY), file]) == (400, {"error": REFUSED + ADVICE})


def test_half_an_image_is_refused(ask):
    noise = np.random.default_rng(0).integers(256, size=(40, 40))
    content = base64.b64decode(encoded(noise)["b64"])
    half = {"b64": base64.b64encode(content[: len(content) // 2]).decode()}
    status, answer = ask("gray", [half])
    assert status == 400
    assert answer["error"].startswith("Cannot read image 0 of 'image_bytes': ")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("GIF", "P"), ("BMP", "RGB")],
)
def test_a_damaged_image_is_read_or_refused(kind, mode):
    rng = np.random.default_rng(0)
    spec = TensorSpec("x", "uint8", ("batch", 2, 3, 3))
    manifest = Manifest("M", 1, (spec,), (), preprocessing={"scale": 1.0})
    noise = rng.integers(256, size=(17, 23, 4))
    whole = base64.b64decode(encoded(noise, mode, kind)["b64"])
    for _ in range(200):
        content = bytearray(whole)
        for position in rng.integers(min(len(whole), 300), size=3):
            content[position] = rng.integers(256)
        with suppress(InvalidArgument):
            files = ImageFiles([bytes(content)], manifest, 18)
            assert files.decode().shape == (1, 2, 3, 3)


def test_few_small_images_are_soon_decoded_once_the_library_is_loaded(monkeypatch):
    spec = TensorSpec("x", "uint8", ("batch", 2, 3, 1))
    manifest = Manifest("M", 1, (spec,), (), preprocessing={"scale": 1.0})
    small = base64.b64decode(encoded(GRAY)["b64"])
    large = base64.b64decode(encoded(np.zeros((200, 200)))["b64"])

    def are_soon_decoded(*contents):
        return ImageFiles(contents, manifest, 1000).are_soon_decoded()

    assert are_soon_decoded(*[small] * 16)
    assert not are_soon_decoded(small, large)
    assert not are_soon_decoded(*[small] * 17)
    assert not are_soon_decoded(small, b"none")
    assert not are_soon_decoded(small, with_notes())
    monkeypatch.delitem(sys.modules, "PIL.Image")
    assert not are_soon_decoded(small)


def with_notes():
    """A small file whose text is long, once it is decompressed."""
    notes, file = PngImagePlugin.PngInfo(), io.BytesIO()
    notes.add_text("Comment", "x" * 100_000, zip=True)
    Image.fromarray(GRAY).save(file, "PNG", pnginfo=notes)
    return file.getvalue()


def test_images_of_too_many_pixels_in_all_are_refused(monkeypatch):
    spec = TensorSpec("x", "uint8", ("batch", 2, 3, 1))
    manifest = Manifest("M", 1, (spec,), (), preprocessing={"scale": 1.0})
    monkeypatch.setattr(image_bytes, "_MOST_IN_ALL", 2 * GRAY.size)
    small = base64.b64decode(encoded(GRAY)["b64"])
    assert len(ImageFiles([small] * 2, manifest, 1000).decode()) == 2
    with pytest.raises(RequestTooLarge) as error:
        ImageFiles([small] * 3, manifest, 1000).decode()
    assert str(error.value) == (
        f"The images have more than {2 * GRAY.size} pixels in all. Send fewer at a "
        "time."
    )


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(ask):
    huge = Image.new("1", (8000, 8000))
    file = io.BytesIO()
    huge.save(file, "PNG")
    status, answer = ask("gray", [{"b64": base64.b64encode(file.getvalue()).decode()}])
    assert (status, answer["error"]) == (
        400,
        "Cannot read image 0 of 'image_bytes': it has 8000×8000 pixels. " + ADVICE,
    )


def test_files_are_a_list(ask):
    assert ask("gray", {"image_bytes": encoded(GRAY)}, key="inputs") == (
        400,
        {"error": "Input 'image_bytes' must have shape [batch], received []."},
    )


@pytest.mark.parametrize("model", ["plain", "vector"])
def test_a_model_that_takes_no_images_has_no_such_signature(ask, model):
    assert ask(model, [encoded(GRAY)]) == (
        400,
        {"error": 'Serving signature name: "predict_bytes" not found in signature def'},
    )


def test_the_most_probable_class_is_named(tmp_path):
    model = Model(
        [helper.make_node("Flatten", ["x"], ["probabilities"])],
        [TensorSpec("x", "float32", ("batch", 1, 2, 1))],
        [TensorSpec("probabilities", "float32", ("batch", 2))],
    )
    publish(tmp_path, "M", model, labels=LABELS, preprocessing={"scale": 1.0})
    server = InProcess(create_app(Settings(tmp_path)))
    body = json.dumps(
        {
            "signature_name": "predict_bytes",
            "instances": [encoded([[9, 1]]), encoded([[1, 9]])],
        }
    )
    answer = server.ask("POST", "/v1/models/M:predict", content=body)
    assert answer.json() == {
        "predictions": [
            {"classes": "dark", "probabilities": [9.0, 1.0]},
            {"classes": "light", "probabilities": [1.0, 9.0]},
        ]
    }
    document = server.ask("GET", "/v1/models/M/metadata").json()
    signatures = document["metadata"]["signature_def"]["signature_def"]
    assert list(signatures) == ["serving_default", "predict_bytes"]
    assert list(signatures["predict_bytes"]["outputs"]) == ["classes", "probabilities"]
    assert signatures["predict_bytes"]["inputs"]["image_bytes"]["dtype"] == "DT_STRING"
