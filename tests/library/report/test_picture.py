"""Pictures hold the pixels that they were given."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from kerasheet.report.picture import LARGEST, image_uri, matrix_uri, sheet_uri


def pixels(uri):
    kind, _, content = uri.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_keeps_its_pixels(channels):
    whole = np.random.default_rng(0).integers(0, 256, (4, 5, channels))
    expected = whole if channels == 3 else whole[..., 0]
    np.testing.assert_array_equal(pixels(image_uri(whole / 255)), expected)


def test_other_channels_are_shown_by_their_mean():
    image = np.stack([np.zeros((3, 3)), np.ones((3, 3))], axis=-1)
    assert {*pixels(image_uri(image)).ravel()} == {128}


def test_a_large_image_is_shrunk():
    assert pixels(image_uri(np.zeros((2 * LARGEST, LARGEST, 1)))).shape == (160, 80)


def test_a_sheet_shows_filters_in_rows_of_eight_with_clear_seams():
    filters = np.zeros((10, 2, 3, 1), "float32")
    filters[0], filters[9, 0, 0] = 0.5, -0.5
    sheet = pixels(sheet_uri(filters))
    assert sheet.shape == (2 * 3 - 1, 8 * 4 - 1, 4)
    assert sheet[0, 0].tolist() == [255, 255, 255, 255]  # the largest weight
    assert sheet[3, 4].tolist() == [0, 0, 0, 255]  # its opposite
    assert sheet[0, 4].tolist() == [128, 128, 128, 255]  # zero
    assert sheet[2, :, 3].max() == sheet[:, 3, 3].max() == 0  # seams
    assert sheet[3:, 8:, 3].max() == 0  # no filters


def test_weights_of_zero_are_gray():
    assert {*pixels(sheet_uri(np.zeros((1, 2, 2, 3))))[..., 0].ravel()} == {128}


def test_a_matrix_is_the_darker_the_larger():
    assert pixels(matrix_uri(np.array([[0.0, 1.0]]))).tolist() == [[255, 0]]
