"""Augmentation moves pixels about, reproducibly, and nothing else."""

import numpy as np
import pytest
import tensorflow as tf

from kerasheet.data import augment

IMAGES = np.random.default_rng(0).uniform(0.1, 1, (64, 6, 5, 3)).astype("float32")


def moved(image, down, right, fill):
    """An image that a loop moves, with black or its edge in its wake."""
    height, width, _ = image.shape
    result = np.zeros_like(image)
    for row in range(height):
        for column in range(width):
            above, left = row - down, column - right
            inside = 0 <= above < height and 0 <= left < width
            if inside or fill == "edge":
                above = min(max(above, 0), height - 1)
                result[row, column] = image[above, min(max(left, 0), width - 1)]
    return result


def moves(image, pixels, fill):
    """Every (down, right) move by at most so many pixels, with its result."""
    steps = range(-pixels, pixels + 1)
    return {(d, r): moved(image, d, r, fill) for d in steps for r in steps}


@pytest.mark.parametrize(
    ("options", "fill"), [({"crop": 2}, "black"), ({"shift": 2}, "edge")]
)
def test_crop_and_shift_move_each_image_anywhere_within_reach(options, fill):
    seen = set()
    for before, after in zip(IMAGES, augment(IMAGES, (0, 1), **options), strict=True):
        found = [
            move
            for move, result in moves(before, 2, fill).items()
            if np.array_equal(result, after)
        ]
        assert len(found) == 1
        seen.add(found[0])
    assert len(seen) > 18  # of 25; 64 draws miss more than six with a chance of 1e-4
    assert {d for d, _ in seen} == {r for _, r in seen} == {-2, -1, 0, 1, 2}


def test_flip_mirrors_about_half_of_the_images():
    after = augment(IMAGES, (0, 1), flip=True).numpy()
    mirrored = [
        np.array_equal(a, b[:, ::-1]) for a, b in zip(after, IMAGES, strict=True)
    ]
    same = [np.array_equal(a, b) for a, b in zip(after, IMAGES, strict=True)]
    assert all(m != s for m, s in zip(mirrored, same, strict=True))
    assert 16 < sum(mirrored) < 48  # four standard deviations about the half


def test_the_seed_decides_in_a_graph_as_outside_and_under_xla():
    everything = {"flip": True, "crop": 1, "shift": 1}
    first = augment(IMAGES, (3, 4), **everything)
    for compile_by_xla in (False, True):
        graph = tf.function(
            lambda images, seed: augment(images, seed, **everything),
            jit_compile=compile_by_xla,
            input_signature=[
                tf.TensorSpec((None, 6, 5, 3), tf.float32),
                tf.TensorSpec((2,), tf.int32),
            ],
        )
        np.testing.assert_array_equal(graph(IMAGES, (3, 4)), first)
        assert not np.array_equal(graph(IMAGES, (3, 5)), first)


def test_nothing_asked_is_nothing_done_in_any_type():
    for kind in ("float32", "float16", "uint8"):
        images = tf.cast(IMAGES * 100, kind)
        np.testing.assert_array_equal(augment(images, (0, 0)), images)
        assert augment(images, (0, 0), flip=True, crop=1, shift=1).dtype == kind


@pytest.mark.parametrize("name", ["crop", "shift"])
@pytest.mark.parametrize("pixels", [-1, 1.5, True])
def test_pixels_that_are_none_are_refused(name, pixels):
    with pytest.raises(ValueError) as error:
        augment(IMAGES, (0, 0), **{name: pixels})
    assert str(error.value) == (
        f"Augmentation needs `{name}` to be an int from 0, in pixels. "
        f"Received: {name}={pixels!r}."
    )
