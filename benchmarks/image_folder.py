"""Images a second out of a folder of JPEG files, beside Keras' dataset of it.

    make bench ONLY=image_folder

The files are of 160 pixels, in colour and in batches of 32; they are scaled to 96, or
left as they are. Ours stays on disk (`memory_limit=0`). `a first look` lists the folder
and ends with its first pass: ours then has tried every file, and knows which it has to
skip. Keras scales without smoothing, bilinearly as it does by default or bicubically;
ours with Pillow's bicubic filter, which blends the pixels that fall together.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
from measuring import Row, comparisons, take_turns
from PIL import Image
from recording import run

from kerasheet.data import image_folder

FILES, PIXELS, SIZE, BATCH, TURNS = 1024, 160, 96, 32, 7
LEAST = 1.0


def measure(short: bool) -> Iterator[Row]:
    """A row for a pass over the images, and one for a first look at the folder."""
    count, turns = (32, 2) if short else (FILES, TURNS)
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), count)
        for size in (SIZE, PIXELS):
            peers = {"Keras": "bilinear"}
            if size == SIZE:
                peers["Keras, bicubic"] = "bicubic"
            sides = {"ours": _go_through(read_ours(folder, size))}
            for peer, interpolation in peers.items():
                batches = read_theirs(folder, size, interpolation)
                sides[peer] = _go_through(batches)
            taken = take_turns(sides, turns=turns, warm_up=1)
            case = f"a pass, {size} pixels"
            yield from comparisons(
                case, taken, per=count, unit="image", targets={"Keras": LEAST}
            )
        sides = {
            "ours": lambda: _go_through(read_ours(folder, SIZE))(),
            "Keras": lambda: _go_through(read_theirs(folder, SIZE, "bilinear"))(),
        }
        taken = take_turns(sides, turns=turns, warm_up=0)
        yield from comparisons("a first look", taken, per=count, unit="image")


def write_files(folder: Path, count: int) -> None:
    """Smooth random pictures, in two classes of train; one a class in test."""
    rng = np.random.default_rng(0)
    for number in range(-2, count):
        part = "test" if number < 0 else "train"
        place = folder / part / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (10, 10, 3), np.uint8)
        image = Image.fromarray(coarse).resize(
            (PIXELS, PIXELS), Image.Resampling.BICUBIC
        )
        image.save(place / f"{number + 2}.jpg", quality=90)


def read_ours(folder: str, size: int):
    """The batches of kerasheet."""
    samples = image_folder(folder, size, memory_limit=0).train
    return samples.batches(BATCH)


def read_theirs(folder: str, size: int, interpolation: str):
    """The batches of Keras, read ahead as its guide says."""
    data = keras.utils.image_dataset_from_directory(
        f"{folder}/train",
        image_size=(size, size),
        interpolation=interpolation,
        batch_size=BATCH,
        shuffle=False,
        verbose=False,
    )
    return data.prefetch(2)


def _go_through(batches) -> Callable[[], None]:
    def side() -> None:
        for _ in batches:
            pass

    return side


if __name__ == "__main__":
    run(__file__, measure)
