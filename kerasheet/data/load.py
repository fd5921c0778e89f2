"""Data by its name, or by its place on disk."""

from collections.abc import Callable
from pathlib import Path

from kerasheet.data.dataset import Dataset, check_size
from kerasheet.data.digits import digits
from kerasheet.data.fashion_mnist import fashion_mnist
from kerasheet.data.image_folder import image_folder
from kerasheet.data.npz import npz
from kerasheet.data.records import SUMMARY, record_set
from kerasheet.errors import DataError, unknown

DATA: dict[str, Callable[[int | None], Dataset]] = {
    "digits": digits,
    "fashion_mnist": fashion_mnist,
}
"""Every data source, by the name that commands and recipes use; called with a size."""


def load_images(
    source: str,
    size: int | None = None,
    channels: int | None = None,
    memory_limit: int | None = None,
) -> Dataset:
    """Labelled images from wherever `--data` says.

    Args:
        source: a name in `DATA`, a folder of images, an `.npz` file or the directory of
            a TFRecord set. `./digits` is a folder even if `digits` is a name.
        size: height and width to scale to, in pixels; None for the source's own.
        channels: 1 or 3, to convert a folder or a TFRecord set to; None for its own.
        memory_limit: most bytes a folder or a TFRecord set may take in memory before
            it is read batch by batch; None for a quarter of the memory.

    Raises:
        DataError: there is no such source, it cannot be read, or `size` is no size.

    Example:
    >>> load_images("digits", size=8).input_shape
    (8, 8, 1)
    """
    check_size(size)
    path = Path(source)
    if source in DATA:
        return DATA[source](size)
    if path.is_dir():
        read = record_set if (path / SUMMARY).is_file() else image_folder
        return read(path, size, channels, memory_limit)
    if path.suffix.lower() == ".npz":
        return npz(path, size)
    raise DataError(
        f"{unknown('data', source, DATA)} Or name a folder of images, an .npz file or "
        "a TFRecord set."
    )
