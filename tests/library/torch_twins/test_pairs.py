"""Networks that differ are not compared."""

import keras
import pytest
import torch
from torch import nn
from torch_twins.pairs import copy, pair

from kerasheet import layers


@pytest.mark.parametrize(
    ("twin", "sentence"),
    [
        (
            nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 3)),
            "dense layers: ours has 1, not 2.",
        ),
        (
            nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)),
            "norm layers: ours has 0, not 1.",
        ),
        (
            nn.Sequential(nn.Linear(4, 3, bias=False)),
            "A dense layer has ['kernel', 'bias'], not ['weight'].",
        ),
        (
            nn.Sequential(nn.Linear(4, 2)),
            "0.weight has shape (3, 4), not (2, 4).",
        ),
    ],
)
def test_another_number_of_layers_or_weights_or_shape_is_refused(twin, sentence):
    layer = layers.Dense(3)
    layer.build((None, 4))
    with pytest.raises(ValueError) as error:
        copy(pair(layer, twin, torch.ones(2, 4)))
    assert str(error.value) == sentence


def test_a_flattened_kernel_meets_the_same_pixels():
    layer = keras.Sequential([layers.Flatten(), layers.Dense(1, use_bias=False)])
    images = torch.arange(12.0).reshape(1, 2, 2, 3)
    layer(images.numpy())
    twin = nn.Sequential(nn.Flatten(), nn.Linear(12, 1, bias=False))
    first = images.permute(0, 3, 1, 2)
    copy(pair(layer, twin, first))
    expected = layer(images.numpy()).numpy()
    assert twin(first).detach().numpy() == pytest.approx(expected, rel=1e-6)
