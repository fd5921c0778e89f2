"""What a model is fed."""

from collections.abc import Callable

from kerasheet.data.dataset import Dataset, Examples
from kerasheet.data.digits import digits
from kerasheet.data.fashion_mnist import fashion_mnist
from kerasheet.data.image_file import read_image

DATA: dict[str, Callable[[int | None], Dataset]] = {
    "digits": digits,
    "fashion_mnist": fashion_mnist,
}
"""Every data source, by the name that commands and recipes use; called with a size."""

__all__ = ["DATA", "Dataset", "Examples", "digits", "fashion_mnist", "read_image"]
