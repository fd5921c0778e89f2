"""Every model equals its PyTorch twin: logits, gradients, and a step of training.

Weights are random and the same, and so are the images. Dropout multiplies by 1 - rate
on both sides instead of drawing a mask, which PyTorch would draw differently.
PyTorch's running variance is converted from over m - 1 values to over m.
"""

import pytest
from model_cases import CASES
from torch_networks import NETWORKS
from torch_twins.comparison import TOLERANCE
from torch_twins.models import compare_away_from_kinks, compare_model

BEFORE_NORM = {
    "lenet_batch_norm": 4,
    "resnet18": 17,
    "resnet34": 33,
    "densenet": 20,
}
"""Convolutions and dense layers whose outputs only batch norm sees."""


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", NETWORKS)
def test_model_agrees_with_pytorch(name, dtype):
    deviations = compare_away_from_kinks(name, dtype)
    for deviation in deviations:
        assert max(deviation.outputs.values()) <= TOLERANCE[dtype]
    assert deviations[-1].beyond(TOLERANCE[dtype]) == {}
    assert len(deviations[-1].vanishing) == BEFORE_NORM.get(name, 0)


@pytest.mark.parametrize(
    "name", ["mlp", "lenet", "vgg11_eighth", "nin", "googlenet", "densenet"]
)
def test_model_of_color_images_agrees_with_pytorch(name):
    deviation = compare_model(name, "float64", channels=3, classes=7)
    assert deviation.beyond(TOLERANCE["float64"]) == {}


def test_every_model_of_images_has_a_twin():
    assert set(NETWORKS) == {case.name for case in CASES} - {"rnn_lm"}
