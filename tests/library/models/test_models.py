"""The architectures: counts, shapes, forms, saving."""

import keras
import numpy as np
import pytest
from autodiff import array

from kerasheet import models

COUNTS = {  # trainable, moving averages: as the book's networks have them
    "softmax_regression": (7_850, 0),
    "mlp": (203_530, 0),
    "mlp_dropout": (269_322, 0),
    "lenet": (44_426, 0),
    "lenet_avg": (61_706, 0),
    "lenet_batch_norm": (44_878, 452),
}


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


every_model = pytest.mark.parametrize("name", list(models.MODELS))


@every_model
def test_parameter_counts_are_the_published_ones(name):
    model = models.MODELS[name]()
    counts = count(model.trainable_weights), count(model.non_trainable_weights)
    assert counts == COUNTS[name]


@every_model
def test_input_is_named_and_output_is_logits_of_any_number_of_classes(name):
    model = models.MODELS[name](input_shape=(28, 28, 3), classes=7)
    assert [tensor.name for tensor in model.inputs] == ["images"]
    x = np.random.default_rng(0).normal(size=(4, 28, 28, 3)).astype("float32")
    logits = array(model(x))
    assert logits.shape == (4, 7)
    assert not np.allclose(logits.sum(axis=1), 1)


@every_model
def test_reloaded_model_predicts_the_same(name, tmp_path):
    model = models.MODELS[name]()
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 28, 28, 1)).astype("float32")
    np.testing.assert_array_equal(array(reloaded(x)), array(model(x)))


def test_lenet_has_the_shapes_printed_in_the_book():
    shapes = {layer.name: layer.output.shape[1:] for layer in models.lenet().layers}
    assert [
        shapes[name] for name in ("conv1", "pool1", "conv2", "pool2", "flatten")
    ] == [
        (24, 24, 6),
        (12, 12, 6),
        (8, 8, 16),
        (4, 4, 16),
        (256,),
    ]


def test_mlp_refuses_rates_that_do_not_match_its_layers():
    with pytest.raises(ValueError) as error:
        models.mlp(hidden_units=(8, 8), dropout_rates=(0.5,))
    assert str(error.value) == (
        "mlp needs one dropout rate per hidden layer, or none. Received: "
        "hidden_units=(8, 8), dropout_rates=(0.5,)."
    )
