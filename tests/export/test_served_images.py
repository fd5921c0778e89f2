"""The server reads image files as the library does, without the library."""

import io

import numpy as np
import pytest
from PIL import Image

from kerasheet.data.image_file import decode_image
from kerasheet_serving import Manifest, TensorSpec
from kerasheet_serving.v1.image_bytes import ImageFiles


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("I;16", "PNG"),
        ("RGB", "JPEG"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("P", "GIF"),
        ("RGB", "BMP"),
    ],
)
def test_a_file_becomes_the_same_numbers(mode, kind, channels):
    rng = np.random.default_rng(0)
    if mode == "I;16":
        image = Image.fromarray(rng.integers(65536, size=(17, 23), dtype=np.uint16))
    else:
        pixels = rng.integers(256, size=(17, 23, 4), dtype=np.uint8)
        image = Image.fromarray(pixels).convert(mode)
    file = io.BytesIO()
    image.save(file, kind)
    spec = TensorSpec("x", "uint8", ("batch", 8, 9, channels))
    manifest = Manifest("M", 1, (spec,), (), preprocessing={"scale": 1 / 255})
    [served] = ImageFiles([file.getvalue()], manifest, 10**6).decode()
    expected = decode_image(file, (8, 9, channels))
    np.testing.assert_array_equal(served.astype("float32") / np.float32(255), expected)
