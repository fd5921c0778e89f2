"""Folders of images, written with Pillow."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write_images(tmp_path):
    """Write images of random pixels, whose names are paths in a folder."""
    random = np.random.default_rng(0)

    def write(*names, size=(6, 5), mode="RGB", folder="pets"):
        for name in names:
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = random.integers(0, 256, (*size, 3), dtype=np.uint8)
            Image.fromarray(pixels).convert(mode).save(path)
        return tmp_path / folder

    return write


@pytest.fixture
def pets(write_images):
    """Ten PNGs of cats and five JPEGs of dogs, 6×5 pixels each."""
    write_images(*(f"dog/{number}.jpg" for number in range(5)))
    return write_images(*(f"cat/{number:02}.png" for number in range(10)))
