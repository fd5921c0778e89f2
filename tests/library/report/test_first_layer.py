"""The first layer's weights as images."""

import keras
import numpy as np

from kerasheet.layers import Dense, Flatten, Pool2D
from kerasheet.models import MODELS, lenet, softmax_regression
from kerasheet.report.first_layer import first_filters


def test_filters_of_a_convolution_come_one_after_the_other():
    model = lenet()
    kernel = model.get_layer("conv1").kernel.numpy()
    filters = first_filters(model)
    for index in range(6):
        np.testing.assert_array_equal(filters[index], kernel[..., index])


def test_a_convolution_inside_a_block_is_found():
    assert first_filters(MODELS["vgg11"](input_shape=(32, 32, 3))).shape == (
        64,
        3,
        3,
        3,
    )
    assert first_filters(MODELS["nin"]()).shape == (96, 11, 11, 1)


def test_a_dense_unit_is_the_image_it_answers_to_most():
    model = softmax_regression((4, 5, 2), classes=3)
    filters = first_filters(model)
    assert filters.shape == (3, 4, 5, 2)
    image = np.random.default_rng(0).random((1, 4, 5, 2), "float32")
    products = (filters * image).sum((1, 2, 3))
    # Sums of 40 products in float32, in another order.
    np.testing.assert_allclose(products, model(image)[0], rtol=1e-5, atol=1e-6)


def test_a_dense_layer_that_does_not_see_the_image_has_none():
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, Dense(3)(Flatten()(Pool2D(2)(image))))
    assert first_filters(model) is None
