"""corr2d and conv2d against the sheet's definition, written out as loops."""

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet.ops import conv2d, corr2d, output_size, pool2d


def pair(value):
    return (value, value) if isinstance(value, int) else value


def corr2d_by_definition(images, kernel, bias, strides, padding):
    """The docstring's formula, one output pixel at a time."""
    (p, q), (s, t) = pair(padding), pair(strides)
    x = np.pad(images, ((0, 0), (p, p), (q, q), (0, 0)))
    u, v, _, f = kernel.shape
    rows, columns = (x.shape[1] - u) // s + 1, (x.shape[2] - v) // t + 1
    y = np.zeros((len(x), rows, columns, f))
    for i, j, k in np.ndindex(*y.shape[1:]):
        window = x[:, i * s : i * s + u, j * t : j * t + v, :]
        y[:, i, j, k] = bias[k] + (window * kernel[..., k]).sum(axis=(1, 2, 3))
    return y


IMAGE = np.arange(9.0).reshape(1, 3, 3, 1)
KERNEL = np.arange(4.0).reshape(2, 2, 1, 1)


def test_worked_example_on_the_sheet():
    assert array(corr2d(IMAGE, KERNEL))[0, :, :, 0].tolist() == [[19, 25], [37, 43]]


def test_convolution_turns_the_kernel_not_the_answer():
    convolved = array(conv2d(IMAGE, KERNEL))
    assert convolved[0, :, :, 0].tolist() == [[5, 11], [23, 29]]
    turned = array(corr2d(IMAGE, KERNEL[::-1, ::-1]))
    np.testing.assert_array_equal(convolved, turned)


def test_works_inside_a_functional_model():
    """On symbolic tensors, as Keras' own operations do."""
    images = keras.Input((6, 5, 3))
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 2)).astype("float32")
    outputs = pool2d(corr2d(images, kernel, padding=1), 2)
    model = keras.Model(images, outputs)
    x = np.random.default_rng(1).normal(size=(2, 6, 5, 3)).astype("float32")
    np.testing.assert_allclose(
        array(model(x)), array(pool2d(corr2d(x, kernel, padding=1), 2)), rtol=1e-6
    )


@pytest.mark.parametrize("padding", [0, 1, 2, (0, 3), (2, 1)])
@pytest.mark.parametrize("strides", [1, 2, (1, 3)])
@pytest.mark.parametrize("window", [(1, 1), (3, 2), (3, 3)])
def test_agrees_with_the_definition(window, strides, padding):
    rng = np.random.default_rng(0)
    images, kernel, bias = (
        rng.normal(size=(2, 6, 5, 3)),
        rng.normal(size=(*window, 3, 4)),
        rng.normal(size=4),
    )
    np.testing.assert_allclose(
        array(corr2d(images, kernel, bias, strides, padding)),
        corr2d_by_definition(images, kernel, bias, strides, padding),
        rtol=1e-12,
        atol=1e-12,
    )


def test_one_by_one_is_a_dense_layer_over_the_channels_of_each_pixel():
    rng = np.random.default_rng(0)
    images, kernel = rng.normal(size=(2, 5, 4, 3)), rng.normal(size=(1, 1, 3, 6))
    np.testing.assert_allclose(
        array(corr2d(images, kernel)), images @ kernel[0, 0], rtol=1e-12
    )


def test_same_with_a_stride_of_two_is_not_the_symmetric_padding():
    """The trap that makes ports of the book another function (TARGETS §4.1)."""
    images = np.random.default_rng(0).normal(size=(1, 4, 4, 1))
    kernel = np.ones((3, 3, 1, 1))
    same = array(corr2d(images, kernel, strides=2, padding="same"))
    symmetric = array(corr2d(images, kernel, strides=2, padding=1))
    assert same.shape == symmetric.shape
    assert not np.allclose(same, symmetric)


@pytest.mark.parametrize(
    ("name", "padding", "expected"),
    [
        ("narrow", 0, lambda n, m: n - m + 1),
        ("narrow", "valid", lambda n, m: n - m + 1),
        ("wide", "full", lambda n, m: n + m - 1),
        ("equal", "same", lambda n, m: n),
    ],
)
def test_output_size_of_the_three_kinds_on_the_sheet(name, padding, expected):
    for n in range(5, 9):
        for m in (1, 3, 5):
            assert output_size(n, m, padding=padding) == expected(n, m), name
            assert output_size(n, m, padding=(m - 1) // 2) == n


@pytest.mark.parametrize("padding", [0, 1, 2, "valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize("size", [3, 4, 7])
def test_output_size_is_the_size_that_comes_out(size, window, strides, padding):
    y = corr2d(
        np.zeros((1, size, size, 1)),
        np.zeros((window, window, 1, 1)),
        strides=strides,
        padding=padding,
    )
    assert y.shape[1] == y.shape[2] == output_size(size, window, strides, padding)


@pytest.mark.parametrize("size", [5, 6])
@pytest.mark.parametrize("window", [2, 3, 5])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_explicit_padding_is_symmetric_whatever_kernel_computes_it(
    size, window, strides, padding
):
    """Some of these are computed as "same": only where that is symmetric too."""
    rng = np.random.default_rng(0)
    images, kernel = (
        rng.normal(size=(1, size, size, 2)),
        rng.normal(size=(window, window, 2, 1)),
    )
    np.testing.assert_allclose(
        array(corr2d(images, kernel, strides=strides, padding=padding)),
        corr2d_by_definition(images, kernel, [0.0], strides, padding),
        rtol=1e-6,
        atol=1e-6,
    )


def test_output_size_refuses_a_window_that_does_not_fit():
    with pytest.raises(ValueError) as error:
        output_size(3, 6, padding=1)
    assert str(error.value) == (
        "A window of 6 pixels does not fit into 3 pixels padded by 1 on each side. "
        "Use a smaller window, more padding, or a larger image."
    )


@pytest.mark.parametrize(
    ("size", "window", "strides", "padding"),
    [(3, 0, 1, 0), (3, 3, 0, 0), (3, 3, 1, -1), (5.5, 3, 1, 0), (5, 3, "valid", 0)],
)
def test_output_size_refuses_what_is_no_size(size, window, strides, padding):
    with pytest.raises(ValueError) as error:
        output_size(size, window, strides, padding)
    assert str(error.value) == (
        "output_size needs whole numbers, `window` and `strides` positive and "
        f"`padding` not negative. Received: {size=}, {window=}, {strides=}, {padding=}."
    )


def test_output_size_refuses_unknown_padding():
    with pytest.raises(ValueError) as error:
        output_size(3, 2, padding="narrow")
    assert str(error.value) == (
        'output_size needs `padding` to be "valid", "same", "full" or an int. '
        "Received: padding='narrow'."
    )


@pytest.mark.parametrize(
    ("images", "kernel"),
    [((3, 3), (2, 2)), ((1, 3, 3), (2, 2, 1, 1)), ((1, 4, 4, 4), (2, 2, 2, 2))],
)
def test_refuses_shapes_that_do_not_go_together(images, kernel):
    """Handed on, they would end the process or group the channels."""
    with pytest.raises(ValueError) as error:
        corr2d(np.zeros(images), np.zeros(kernel))
    assert str(error.value) == (
        "corr2d needs images (batch, height, width, channels) and a kernel (rows, "
        "columns, channels, filters) of as many channels. "
        f"Received: shapes {images} and {kernel}."
    )


def test_refuses_a_bias_of_another_shape():
    with pytest.raises(ValueError) as error:
        corr2d(IMAGE, KERNEL, bias=np.zeros((3, 1)))
    assert str(error.value) == (
        "corr2d with 1 filters needs a bias of shape (1,). Received: shape (3, 1)."
    )


def test_refuses_a_kernel_that_does_not_fit():
    with pytest.raises(ValueError) as error:
        corr2d(IMAGE, np.zeros((5, 5, 1, 1)))
    assert str(error.value) == (
        "corr2d slides a (5, 5) window, which does not fit into images of (3, 3) "
        "pixels with padding='valid'. Use a smaller window, more padding, or larger "
        "images."
    )


def test_computes_in_the_type_of_the_kernel():
    expected = array(corr2d(IMAGE, KERNEL))
    mixed = corr2d(IMAGE.astype("float32").tolist(), KERNEL, bias=[0])
    np.testing.assert_array_equal(array(mixed), expected)
