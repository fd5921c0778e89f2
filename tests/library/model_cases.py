"""One row per model: its published size, and images small enough for a test."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import keras

from kerasheet.models import MODELS


@dataclass(frozen=True)
class ModelCase:
    """A model of `MODELS`.

    Attributes:
        trainable: parameters at the published input, from the book.
        moving: batch norm's averages, likewise.
        small: height and width of the images that tests use.
        smallest: height and width below which the architecture does not work.
        narrow: arguments that make a wide model cheap enough for a test.
    """

    name: str
    trainable: int
    moving: int = 0
    small: int = 28
    smallest: int = 1
    narrow: Mapping[str, int] = field(default_factory=dict)

    def build(self, channels=1, classes=10, **arguments):
        """The model on small images, and narrow."""
        shape = (self.small, self.small, channels)
        arguments = {**self.narrow, **arguments}
        return MODELS[self.name](input_shape=shape, classes=classes, **arguments)

    def build_published(self) -> keras.Model:
        return MODELS[self.name]()

    def __str__(self):
        return self.name


NARROW = {"width_divisor": 8, "dense_units": 64}
CASES = [
    ModelCase("softmax_regression", 7_850),
    ModelCase("mlp", 203_530),
    ModelCase("mlp_dropout", 269_322),
    ModelCase("lenet", 44_426, smallest=16),
    ModelCase("lenet_avg", 61_706, smallest=12),
    ModelCase("lenet_batch_norm", 44_878, 452, smallest=16),
    ModelCase("alexnet", 46_764_746, small=67, smallest=67),
    ModelCase("vgg11", 128_806_154, small=32, smallest=32),
    ModelCase("vgg11_quarter", 43_093_322, 0, 32, 32, narrow={"dense_units": 64}),
    ModelCase("vgg11_eighth", 2_018_346, small=32, smallest=32),
    ModelCase("vgg13", 128_990_666, small=32, smallest=32, narrow=NARROW),
    ModelCase("vgg16", 134_300_362, small=32, smallest=32, narrow=NARROW),
    ModelCase("vgg19", 139_610_058, small=32, smallest=32, narrow=NARROW),
    ModelCase("nin", 1_992_166, small=67, smallest=67),
    ModelCase("googlenet", 5_977_530, small=33),
    ModelCase("resnet18", 11_178_378, 7_808, small=33),
    ModelCase("resnet34", 21_290_250, 15_232, small=33),
    ModelCase("densenet", 758_226, 6_608, small=33, smallest=29),
]
ALIASES = {"vgg": "vgg11", "resnet": "resnet18"}
