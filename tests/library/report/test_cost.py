"""Multiply-adds against the published figures, and against counting."""

import keras
import pytest

from kerasheet.layers import Corr2D, Dense, SimpleRNN
from kerasheet.models import MODELS, rnn_lm
from kerasheet.report import layer_costs, multiply_adds


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("lenet", 0.3),
        ("alexnet", 938),
        ("vgg11", 7547),
        ("vgg11_quarter", 512),
        ("nin", 762),
        ("googlenet", 276),
        ("resnet18", 319),
        ("densenet", 129),
    ],
)
def test_models_cost_what_is_published(name, millions):
    digits = 1 if millions < 1 else 0
    assert round(multiply_adds(MODELS[name]()) / 1e6, digits) == millions


@pytest.mark.parametrize("name", ["lenet_batch_norm", "resnet18", "densenet", "rnn_lm"])
def test_layers_add_up_to_their_model(name):
    model = MODELS[name]()
    layers = layer_costs(model)
    assert [layer.name for layer in layers] == [layer.name for layer in model.layers]
    assert sum(layer.multiply_adds for layer in layers) == multiply_adds(model)
    assert sum(layer.parameters for layer in layers) == model.count_params()


def test_a_convolution_costs_its_products_counted_one_by_one():
    layer = Corr2D(3, (2, 3), strides=2, padding=(1, 0))
    layer.build((None, 6, 7, 2))
    count = 0
    for _row in range(-1, 7 - 2 + 1, 2):
        for _column in range(0, 7 - 3 + 1, 2):
            count += 2 * 3 * 2 * 3
    assert multiply_adds(layer) == count


def test_a_dense_layer_costs_the_same_at_every_step():
    layer = Dense(5)
    layer.build((None, 7, 3))
    assert multiply_adds(layer) == 7 * 3 * 5


def test_a_recurrent_layer_costs_every_direction_of_every_step():
    layer = SimpleRNN(4, num_layers=2, bidirectional=True)
    layer.build((None, 10, 3))
    first, second = 2 * (3 * 4 + 4 * 4), 2 * (8 * 4 + 4 * 4)
    assert multiply_adds(layer) == 10 * (first + second)


def test_reading_ids_is_a_lookup_and_costs_nothing():
    layer = SimpleRNN(4, num_layers=2, input_dim=9)
    layer.build((None, None))
    assert multiply_adds(layer) == 4 * 4 + (4 * 4 + 4 * 4)


def test_shapes_are_of_one_sample_and_open_where_the_model_is():
    shapes = [layer.output_shape for layer in layer_costs(rnn_lm(units=8))]
    assert shapes == [(None,), (None, 8), (None, 28)]


def test_a_saved_model_costs_the_same(tmp_path):
    model = MODELS["lenet"]()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert layer_costs(again) == layer_costs(model)
