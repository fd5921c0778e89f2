"""Streams an epoch over generated images and says how much memory that took.

Arguments: directory, "folder" or "records", number of images, their size in pixels.
"""

import json
import os
import resource
import sys
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}

import numpy as np
from PIL import Image

from kerasheet.data import convert_folder, image_folder, record_set


def write_folder(folder: Path, count: int, size: int) -> None:
    """Write JPEGs of random colours; every hundredth is new, the others are copies."""
    random = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"class-{number % 10}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number % 100 < 10:
            pixels = random.integers(0, 256, (size // 8, size // 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((size, size)).save(path)
            first = path.read_bytes()
        path.write_bytes(first)


def megabytes() -> float:
    """The most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


directory, kind, count, size = Path(sys.argv[1]), *sys.argv[2:]
count, size = int(count), int(size)
write_folder(directory / "images", count, size)
if kind == "records":
    convert_folder(directory / "images", directory / "records")
    train = record_set(directory / "records", memory_limit=0).train
else:
    train = image_folder(directory / "images", memory_limit=0).train
order = np.random.default_rng(0).permutation(len(train))
for _ in train.subset(order[:128]).batches(32):
    pass
before = megabytes()
total = 0.0
for images, _ in train.batches(32, order=order):
    total += float(np.mean(images))
decoded = count * np.prod(train.shape) * 4 / 2**20
figures = {
    "decoded_megabytes": round(decoded),
    "peak_megabytes": round(megabytes()),
    "growth_megabytes": round(megabytes() - before),
}
print(json.dumps(figures))
