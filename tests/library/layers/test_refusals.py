"""What the layers refuse, word for word."""

import keras
import pytest

from kerasheet import layers


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: layers.Dense(0),
            "Dense needs `units` to be a positive int. Received: units=0.",
        ),
        (
            lambda: layers.Corr2D(True, 3),
            "Corr2D needs `filters` to be a positive int. Received: filters=True.",
        ),
        (
            lambda: layers.Corr2D(6, (5, 0)),
            "Corr2D needs `kernel_size` to be a positive int or a pair of them. "
            "Received: kernel_size=(5, 0).",
        ),
        (
            lambda: layers.Corr2D(6, 5, padding="full"),
            'Corr2D needs `padding` to be "valid", "same", zeros on each side, or a '
            "pair of them. Received: padding='full'.",
        ),
        (
            lambda: layers.Corr2D(6, 5, padding=(1, 2, 3)),
            'Corr2D needs `padding` to be "valid", "same", zeros on each side, or a '
            "pair of them. Received: padding=(1, 2, 3).",
        ),
        (
            lambda: layers.Pool2D(2, mode="min"),
            'Pool2D needs `mode` to be "max" or "avg". Received: mode=\'min\'.',
        ),
        (
            lambda: layers.Pool2D(2, padding=2),
            "Pool2D needs `padding` smaller than its (2, 2) window, or a window could "
            "hold nothing but padding. Received: padding=2.",
        ),
        (
            lambda: layers.BatchNorm(momentum=2),
            "BatchNorm needs `momentum` from 0 to 1. Received: momentum=2.",
        ),
        (
            lambda: layers.BatchNorm("0.9"),
            "BatchNorm needs `momentum` from 0 to 1. Received: momentum='0.9'.",
        ),
        (
            lambda: layers.BatchNorm(epsilon=0),
            "BatchNorm needs `epsilon` above 0. Received: epsilon=0.",
        ),
        (
            lambda: layers.VGGBlock(0, 6),
            "VGGBlock needs `num_convs` to be a positive int. Received: num_convs=0.",
        ),
        (
            lambda: layers.DenseBlock(2, 0),
            "DenseBlock needs `growth_rate` to be a positive int. "
            "Received: growth_rate=0.",
        ),
        (
            lambda: layers.Residual(6, strides=0),
            "Residual needs `strides` to be a positive int. Received: strides=0.",
        ),
        (
            lambda: layers.Inception(1, (2, 0), (1, 1), 1),
            "Inception needs `c2` to be a positive int or a pair of them. "
            "Received: c2=(2, 0).",
        ),
        (
            lambda: layers.Dropout(1.5),
            "Dropout needs `rate` to be a probability from 0 to 1. Received: rate=1.5.",
        ),
    ],
)
def test_refuses_an_argument_when_it_is_given(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("layer", "shape", "sentence"),
    [
        (
            layers.Corr2D(6, 5, name="c1"),
            (None, 28, 4, 1),
            "Corr2D 'c1' slides a (5, 5) window, which does not fit into images of "
            "(28, 4) pixels with padding='valid'. Use a smaller window, more padding, "
            "or larger images.",
        ),
        (
            layers.Pool2D(3, padding=1, name="p1"),
            (None, 0, 4, 1),
            "Pool2D 'p1' slides a (3, 3) window, which does not fit into images of "
            "(0, 4) pixels with padding=(1, 1). Use a smaller window, more padding, "
            "or larger images.",
        ),
        (
            layers.Corr2D(6, 5, name="c1"),
            (None, 28, 28, None),
            "Corr2D 'c1' needs to know the number of input channels. Received: input "
            "shape (None, 28, 28, None). Give the last axis a size.",
        ),
        (
            layers.Dense(6, name="d1"),
            (2, None),
            "Dense 'd1' needs to know the number of input features. Received: input "
            "shape (2, None). Give the last axis a size.",
        ),
        (
            layers.BatchNorm(name="b1"),
            (None, 5, 3),
            "BatchNorm 'b1' needs (batch, channels) or (batch, height, width, "
            "channels). Received: input shape (None, 5, 3).",
        ),
        (
            layers.BatchNorm(name="b1"),
            (None, None),
            "BatchNorm 'b1' needs to know the number of input channels. Received: "
            "input shape (None, None). Give the last axis a size.",
        ),
        (
            layers.DenseBlock(2, 3, name="d1"),
            (None, 4, 4, None),
            "DenseBlock 'd1' needs to know the number of input channels. Received: "
            "input shape (None, 4, 4, None). Give the last axis a size.",
        ),
        (
            layers.Residual(6, strides=2, name="r1"),
            (None, 4, 4, 6),
            "Residual 'r1' cannot add 6 channels to 6 at strides=2. Pass "
            "use_1x1conv=True.",
        ),
        (
            layers.Residual(6, name="r1"),
            (None, 4, 4, 3),
            "Residual 'r1' cannot add 3 channels to 6 at strides=1. Pass "
            "use_1x1conv=True.",
        ),
        (
            layers.NiNBlock(6, 5, padding=1, name="n1"),
            (None, 2, 2, 3),
            "NiNBlock 'n1' slides a (5, 5) window, which does not fit into images of "
            "(2, 2) pixels with padding=(1, 1). Use a smaller window, more padding, "
            "or larger images.",
        ),
        (
            layers.VGGBlock(1, 6, name="v1"),
            (None, 1, 4, 3),
            "VGGBlock 'v1' slides a (2, 2) window, which does not fit into images of "
            "(1, 4) pixels with padding='valid'. Use a smaller window, more padding, "
            "or larger images.",
        ),
        (
            layers.Transition(6, name="t1"),
            (None, 1, 4, 3),
            "Transition 't1' slides a (2, 2) window, which does not fit into images "
            "of (1, 4) pixels with padding='valid'. Use a smaller window, more "
            "padding, or larger images.",
        ),
        (
            layers.Flatten(name="f1"),
            (None, None, 3),
            "Flatten 'f1' needs every size but the batch's. Received: input shape "
            "(None, None, 3).",
        ),
    ],
)
def test_refuses_a_shape_when_it_is_built(layer, shape, sentence):
    with pytest.raises(ValueError) as error:
        layer.build(shape)
    assert str(error.value) == sentence


def test_images_of_unknown_size_pass_through_windows():
    images = keras.Input((None, None, 3))
    pooled = layers.Pool2D(2)(layers.Corr2D(4, 3, padding=1)(images))
    assert pooled.shape == (None, None, None, 4)
