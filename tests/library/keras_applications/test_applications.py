"""Our blocks equal those of `keras.applications` that are the same mathematics.

Its VGG is ours, block by block and as a whole. The blocks of its ResNet and DenseNet
are not: they have bottlenecks of 1×1 convolutions, ResNet's shortcuts a batch norm and
DenseNet's convolutions no bias. Two pieces of them are ours: the stem and DenseNet's
transition. LeNet, AlexNet, NiN, GoogLeNet, ResNet-18 and -34 are not there at all.
"""

from functools import lru_cache

import keras
import numpy as np
import pytest
import tensorflow as tf
from torch_twins.comparison import precision
from torch_twins.pairs import randomize

from kerasheet import layers, models
from kerasheet.models.resnet import stem

TOLERANCE = 1e-12  # in float64, of the largest value: sums in another order
NORM = {"momentum": 0.99, "epsilon": 1.001e-5}  # of all of keras.applications


@pytest.fixture(autouse=True)
def _double_precision():
    with precision("float64"):
        yield


@lru_cache(maxsize=1)
def application(name, **arguments):
    return getattr(keras.applications, name)(weights=None, **arguments)


def part(model, first, last):
    """The layers from one name to another, as a model."""
    return keras.Model(model.get_layer(first).input, model.get_layer(last).output)


def chain(input_shape, steps):
    x = images = keras.Input(input_shape)
    for step in steps:
        x = step(x)
    return keras.Model(images, x)


def normalize_alike(norm):
    norm.momentum, norm.epsilon = NORM["momentum"], NORM["epsilon"]


def assert_the_same(ours, theirs, training, without=None):
    """Outputs, slopes along the images and all weights but one, and averages."""
    shape = (2, *theirs.input_shape[1:])
    x = tf.constant(np.random.default_rng(0).standard_normal(shape))
    mine = computed(ours, x, training, without)
    reference = computed(theirs, x, training)
    for kind, expected in reference.items():
        scale = max(np.abs(value).max() for value in expected)
        for value, other in zip(mine[kind], expected, strict=True):
            assert np.abs(value - other).max() <= TOLERANCE * scale, kind


def computed(model, x, training, without=None):
    weights = [v for v in model.trainable_weights if v is not without]
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = model(x, training=training)
        surface = tf.reduce_sum(tf.sin(outputs))
    results = {
        "outputs": [outputs],
        "slopes": tape.gradient(surface, [x, *(v.value for v in weights)]),
        "averages": model.non_trainable_weights or [tf.ones(1)],
    }
    return {kind: [t.numpy() for t in tensors] for kind, tensors in results.items()}


def test_vgg16_as_a_whole_is_ours_in_inference():
    """Theirs has no dropout: in training they differ."""
    shape = (32, 32, 3)
    theirs = application(
        "VGG16", input_shape=shape, classes=10, classifier_activation=None
    )
    randomize(theirs)
    ours = models.vgg16(input_shape=shape, classes=10)
    ours.set_weights(theirs.get_weights())
    assert_the_same(ours, theirs, training=False)


@pytest.mark.parametrize(
    ("block", "num_convs", "filters"),
    [(1, 2, 64), (2, 2, 128), (3, 4, 256), (4, 4, 512), (5, 4, 512)],
)
def test_every_block_of_vgg19_is_a_vgg_block(block, num_convs, filters):
    vgg19 = application("VGG19", input_shape=(32, 32, 3), include_top=False)
    theirs = part(vgg19, f"block{block}_conv1", f"block{block}_pool")
    randomize(theirs)
    ours = chain(theirs.input_shape[1:], [layers.VGGBlock(num_convs, filters)])
    ours.set_weights(theirs.get_weights())
    assert_the_same(ours, theirs, training=True)


@pytest.mark.parametrize("training", [False, True])
def test_the_stem_of_resnet50_is_ours(training):
    """Convolution 7×7, norm, ReLU, pooling; theirs pads with zeros in layers before.

    Zeros around a maximum are ours too, since a ReLU lets nothing below zero through.
    """
    resnet50 = application("ResNet50", input_shape=(32, 32, 3), include_top=False)
    theirs = part(resnet50, "conv1_pad", "pool1_pool")
    randomize(theirs)
    steps = stem()
    normalize_alike(steps[1])
    ours = chain(theirs.input_shape[1:], steps)
    ours.set_weights(theirs.get_weights())
    assert_the_same(ours, theirs, training)


@pytest.mark.parametrize("training", [False, True])
def test_the_transition_of_densenet121_is_ours_with_a_bias_of_zero(training):
    """Norm, ReLU, convolution 1×1, mean-pooling; theirs has no bias."""
    densenet = application("DenseNet121", input_shape=(64, 64, 3), include_top=False)
    theirs = part(densenet, "pool2_bn", "pool2_pool")
    randomize(theirs)
    transition = layers.Transition(theirs.output_shape[-1])
    ours = chain(theirs.input_shape[1:], [transition])
    normalize_alike(transition.norm)
    bias = np.zeros(theirs.output_shape[-1])
    ours.set_weights([*theirs.get_weights(), bias])
    assert_the_same(ours, theirs, training, without=transition.conv.bias)
