"""What a model is fed."""

from collections.abc import Callable

from kerasheet.data.augmentation import augment
from kerasheet.data.dataset import Dataset
from kerasheet.data.digits import digits
from kerasheet.data.fashion_mnist import fashion_mnist
from kerasheet.data.image_file import read_image
from kerasheet.data.image_folder import image_folder
from kerasheet.data.load import DATA, load_images
from kerasheet.data.npz import npz
from kerasheet.data.pydocs import pydocs
from kerasheet.data.records import convert_folder, record_set
from kerasheet.data.samples import Examples, Samples, Stream
from kerasheet.data.split import hold_out
from kerasheet.data.time_machine import time_machine

TEXTS: dict[str, Callable[[], str]] = {
    "pydocs": pydocs,
    "time_machine": time_machine,
}
"""Every text, by the name that commands and recipes use."""

__all__ = [
    "DATA",
    "TEXTS",
    "Dataset",
    "Examples",
    "Samples",
    "Stream",
    "augment",
    "convert_folder",
    "digits",
    "fashion_mnist",
    "hold_out",
    "image_folder",
    "load_images",
    "npz",
    "pydocs",
    "read_image",
    "record_set",
    "time_machine",
]
