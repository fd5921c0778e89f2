"""The inputs that an export is compared on."""

from collections.abc import Sequence

import numpy as np

from kerasheet_serving import TensorSpec

SIZES = (1, 3, 32)
"""Samples of the batches."""

LENGTHS = (1, 2, 32)
"""Tokens of the sequences of random ids."""


def compared_batches(
    spec: TensorSpec, classes: int, samples: np.ndarray
) -> list[np.ndarray]:
    """Real and random batches of several sizes and, of text, several lengths.

    Args:
        spec: of the model's input.
        classes: ids of a language model are below it.
        samples: real inputs, (samples, ...), if there are any.
    """
    random = [_random(spec, classes, size) for size in SIZES]
    return [*random, *_real(samples)]


def _real(samples: np.ndarray) -> Sequence[np.ndarray]:
    if not len(samples):
        return []
    starts = (0, 1, 4)  # no sample twice where there are enough
    return [
        samples[start : start + size] for start, size in zip(starts, SIZES, strict=True)
    ]


def _random(spec: TensorSpec, classes: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(size)
    length = LENGTHS[SIZES.index(size)]
    shape = [one if isinstance(one, int) else length for one in spec.shape[1:]]
    if spec.dtype == "uint8":
        return rng.integers(256, size=(size, *shape), dtype=np.uint8)
    if "int" in spec.dtype:
        return rng.integers(classes, size=(size, *shape), dtype=spec.dtype)
    return rng.random((size, *shape)).astype(spec.dtype)
