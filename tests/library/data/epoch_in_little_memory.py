"""Streams an epoch over generated images and says how much memory that took.

Arguments: directory, "folder", "records" or "training", number of images, their size in
pixels, and "limited" or "free". With "training" a model is trained on the folder
meanwhile. Limited, the process may have 2 GB and no more, and finds out by itself that
the images do not fit; free, it is told.
"""

import json
import os
import resource
import sys
from pathlib import Path

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}

import keras
import numpy as np
from PIL import Image

from kerasheet.data import Stream, convert_folder, image_folder, record_set
from kerasheet.models import softmax_regression
from kerasheet.training.fit import fit_samples


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
    """The most memory that this process has had so far.

    Not `getrusage`, which begins at what the process that started this one had.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


directory, kind, count, size, memory = Path(sys.argv[1]), *sys.argv[2:]
count, size = int(count), int(size)
limit = 0
if memory == "limited":
    limit = None
    resource.setrlimit(resource.RLIMIT_DATA, (2 * 2**30, 2 * 2**30))
write_folder(directory / "images", count, size)
if kind == "records":
    convert_folder(directory / "images", directory / "records")
    train = record_set(directory / "records", memory_limit=limit).train
else:
    train = image_folder(directory / "images", memory_limit=limit).train
order = np.random.default_rng(0).permutation(len(train))
if kind == "training":
    model = softmax_regression(train.shape)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def go_through(samples: Stream) -> None:
    """An epoch."""
    if kind == "training":
        fit_samples(model, samples, batch_size=32, epochs=1, seed=0, verbose=0)
        return
    for images, _ in samples.batches(32):
        float(np.mean(images))


go_through(train.subset(order[:128]))
before = megabytes()
go_through(train.subset(order))
decoded = count * np.prod(train.shape) * 4 / 2**20
figures = {
    "decoded_megabytes": round(decoded),
    "peak_megabytes": round(megabytes()),
    "growth_megabytes": round(megabytes() - before),
}
print(json.dumps(figures))
