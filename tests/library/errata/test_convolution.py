"""Errata of §6.1–6.5: as the sheet writes it, and as it must be."""

import numpy as np
import pytest
from autodiff import array
from scipy.signal import convolve2d

from kerasheet.layers import Corr2D
from kerasheet.ops import conv2d, corr2d, output_size, pool2d

IMAGE, KERNEL = np.arange(9.0).reshape(3, 3), np.arange(4.0).reshape(2, 2)


def apply(function, image, kernel, **arguments):
    """One channel in, one out, without the axes for them."""
    outputs = function(image[None, :, :, None], kernel[:, :, None, None], **arguments)
    return array(outputs)[0, :, :, 0]


def sheets_pool2d(x, pool_size, mode="max"):
    rows, columns = pool_size
    y = np.zeros((x.shape[0] - rows + 1, x.shape[1] - columns + 1))
    for i, j in np.ndindex(y.shape):
        if mode == "max":
            y[i, j] = x[i : i + rows, j : j + columns].max()
        elif mode == "avg":
            y[i, j] = x[i : i + rows, j : j + columns].mean()
    return y


def test_errata_16_convolution_turns_the_kernel_not_the_answer():
    correlated = apply(corr2d, IMAGE, KERNEL)
    convolved = convolve2d(IMAGE, KERNEL, mode="valid")  # SciPy's
    np.testing.assert_array_equal(correlated, [[19, 25], [37, 43]])
    np.testing.assert_array_equal(np.rot90(convolved, 2), [[29, 23], [11, 5]])
    np.testing.assert_array_equal(apply(conv2d, IMAGE, KERNEL), convolved)
    turned = np.ascontiguousarray(np.rot90(KERNEL, 2))
    np.testing.assert_array_equal(apply(conv2d, IMAGE, turned), correlated)


def test_errata_17_the_comments_n_is_the_kernel_and_the_formulas_the_image():
    n, m = 7, 3  # §6.2: pixels of the image, of the kernel
    stops = sum(1 for start in range(n) if start + m <= n)
    assert output_size(n, m) == stops == n - m + 1
    assert apply(corr2d, np.zeros((n, n)), np.zeros((m, m))).shape == (stops, stops)
    for N in (m, 64):  # the comment's other letter, as the kernel or §1.4's samples
        assert N - n + 1 != stops


@pytest.mark.parametrize("m", [2, 4])
def test_errata_18_an_even_window_has_no_equal_width(m):
    n = 8
    sizes = {output_size(n, m, padding=p) for p in range(m)}
    assert n not in sizes
    with pytest.raises(ValueError, match="zeros on each side"):
        Corr2D(1, m, padding=(m - 1) / 2)
    assert output_size(n, m + 1, padding=m // 2) == n  # an odd one has


def test_errata_18_same_padding_at_a_stride_of_two_is_uneven():
    image, kernel = np.random.default_rng(0).normal(size=(8, 8)), np.ones((3, 3))
    symmetric = apply(corr2d, image, kernel, strides=2, padding=1)
    same = apply(corr2d, image, kernel, strides=2, padding="same")
    after = np.pad(image, ((0, 1), (0, 1)))  # zeros below and on the right only
    np.testing.assert_allclose(same, apply(corr2d, after, kernel, strides=2))
    assert same.shape == symmetric.shape
    assert abs(same - symmetric).max() > 1


def test_errata_19_a_kernel_of_three_axes_gives_one_channel_of_many():
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(5, 5, 3)), rng.normal(size=(2, 2, 3, 4))
    bias = rng.normal(size=4)
    outputs = array(corr2d(image[None], kernel, bias))[0]
    assert outputs.shape == (4, 4, 4)
    for f in range(4):
        sheets = sum(
            apply(corr2d, image[:, :, c], kernel[:, :, c, f]) for c in range(3)
        )
        assert sheets.ndim == 2
        np.testing.assert_allclose(outputs[:, :, f], sheets + bias[f], atol=1e-12)


@pytest.mark.parametrize("edge", [2, 3, 4])
def test_errata_20_pooling_forgives_a_shift_of_a_falling_edge_only(edge):
    """With the kernel [1, -1] that the sheet leaves out."""
    falling = np.tile(np.arange(8) < edge, (3, 1)).astype(float)
    for image, found in ((falling, 1), (1 - falling, 0)):
        edges = apply(corr2d, image, np.array([[1.0, -1.0]]))
        pooled = array(pool2d(edges[None, :, :, None], 2, strides=1))[0, :, :, 0]
        assert (pooled[:, [edge - 2, edge - 1]] == found).all()
        assert pooled.sum() == 4 * found


def test_errata_21_the_sheets_pooling_steps_by_one_and_takes_any_mode():
    image = np.arange(1.0, 17.0).reshape(4, 4)
    assert sheets_pool2d(image, (2, 2)).shape == (3, 3)
    ours = array(pool2d(image[None, :, :, None], 2))[0, :, :, 0]
    np.testing.assert_array_equal(ours, sheets_pool2d(image, (2, 2))[::2, ::2])
    np.testing.assert_array_equal(sheets_pool2d(image, (2, 2), "median"), 0)
    with pytest.raises(ValueError, match='to be "max" or "avg"'):
        pool2d(image[None, :, :, None], 2, mode="median")
