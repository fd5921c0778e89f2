"""Image files in a request, as the numbers that a model takes."""

import io
import itertools
import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument, RequestTooLarge
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.tensor_limit import check_tensor_bytes

if TYPE_CHECKING:
    from PIL import Image

PREDICT_BYTES = "predict_bytes"
IMAGE_BYTES = TensorSpec("image_bytes", "str", ("batch",))
CLASSES = TensorSpec("classes", "str", ("batch",))

_FORMATS = ("PNG", "JPEG", "GIF", "BMP")
_MODES = {1: "L", 3: "RGB"}
_SAME_AS = {"1": "L", "P": "RGB"}
_MOST_PIXELS = 50_000_000
_MOST_IN_ALL = 10 * _MOST_PIXELS
_FEW, _FEW_BYTES, _FEW_PIXELS = 16, 20_000, 20_000  # for a millisecond or two
_COMPRESSED_NOTES = (b"zTXt", b"iTXt", b"iCCP")  # of a PNG, which opening it inflates


def takes_images(manifest: Manifest) -> bool:
    """Whether the manifest says how an image file becomes the model's one input."""
    if len(manifest.inputs) != 1 or type(manifest.preprocessing.get("scale")) is str:
        return False
    [spec] = manifest.inputs
    sized = len(spec.shape) == 4 and all(isinstance(d, int) for d in spec.shape[1:])
    known = spec.dtype in ("float32", "uint8") and "scale" in manifest.preprocessing
    return known and sized and spec.shape[3] in _MODES


class ImageFiles:
    """Image files of one request.

    Args:
        files: whole PNG, JPEG, GIF or BMP files.
        manifest: of a model for which `takes_images` holds.
        most_bytes: of the array.

    Raises:
        RequestTooLarge: the array would be; no image has been opened then.
    """

    def __init__(
        self, files: Collection[str | bytes], manifest: Manifest, most_bytes: int
    ) -> None:
        [self._spec] = manifest.inputs
        self._scale = manifest.preprocessing["scale"]
        height, width, channels = (int(size) for size in self._spec.shape[1:])
        self._pixels = height * width
        one = self._pixels * channels * np.dtype(self._spec.dtype).itemsize
        check_tensor_bytes(len(files) * one, most_bytes)
        self._files = [f.encode() if isinstance(f, str) else f for f in files]
        self._opened: list[Image.Image] = []

    def are_soon_decoded(self) -> bool:
        """Whether to decode here: a thread would hold the interpreter for as long."""
        is_loaded = "PIL.Image" in sys.modules  # else that is most of the work
        if not is_loaded or not _are_soon_opened(self._files):
            return False
        try:
            opened = list(map(_opened, itertools.count(), self._files))
        except InvalidArgument:
            return False  # `decode` tells of the first that is wrong
        pixels = sum(max(i.width * i.height, self._pixels) for i in opened)
        if pixels > _FEW_PIXELS:
            return False
        self._opened = opened  # others, once decoded, could fill the memory
        return True

    def decode(self) -> Array:
        """Decode, convert, resize and scale them, one after the other.

        Transparent is black, the resize bicubic, as in the SavedModel's
        `predict_bytes`.

        Returns:
            (files, height, width, channels), the model's input.

        Raises:
            InvalidArgument: one is not an image, broken, too large, or of numbers whose
                range is unknown.
            RequestTooLarge: they have too many pixels in all.
        """
        opened = self._opened or map(_opened, itertools.count(), self._files)
        shape = self._spec.shape[1:]
        decoded, read = [], 0
        for number, image in enumerate(opened):
            read += image.width * image.height
            if read > _MOST_IN_ALL:
                raise RequestTooLarge(
                    f"The images have more than {_MOST_IN_ALL} pixels in all. Send "
                    "fewer at a time."
                )
            decoded.append(_pixels(number, image, shape))
        pixels = np.stack(decoded)
        if self._spec.dtype == "uint8":
            return pixels
        return pixels.astype(np.float32) * np.float32(self._scale)


def class_outputs(manifest: Manifest) -> tuple[TensorSpec, ...]:
    """The names of classes, answered besides the model's outputs if they are known."""
    for spec in manifest.outputs:
        if spec.name == "probabilities" and spec.shape[1:] == (len(manifest.labels),):
            return (CLASSES,)
    return ()


def class_names(outputs: Mapping[str, Array], manifest: Manifest) -> dict[str, Array]:
    """The label of the most probable class of each row, as far as they are known."""
    best = outputs["probabilities"].argmax(axis=-1) if class_outputs(manifest) else ()
    names = np.array([manifest.labels[index] for index in best], object)
    return {spec.name: names for spec in class_outputs(manifest)}


def _are_soon_opened(files: Collection[bytes]) -> bool:
    if len(files) > _FEW or sum(map(len, files)) > _FEW_BYTES:
        return False
    return not any(note in file for file in files for note in _COMPRESSED_NOTES)


def _opened(number: int, file: bytes) -> "Image.Image":
    """An image of which the head has been read."""
    from PIL import Image, UnidentifiedImageError  # as heavy as the rest of the server

    try:
        image = Image.open(io.BytesIO(file), formats=_FORMATS)
    except UnidentifiedImageError:
        raise _refused(number, f"it is none of {', '.join(_FORMATS)}") from None
    except Exception as error:  # Pillow's errors have no base
        raise _refused(number, str(error)) from error
    if image.width * image.height > _MOST_PIXELS:
        raise _refused(number, f"it has {image.width}×{image.height} pixels")
    return image


def _pixels(number: int, image: "Image.Image", shape: tuple[int | str, ...]) -> Array:
    height, width, channels = map(int, shape)
    try:
        with image:
            mode = _SAME_AS.get(image.mode, image.mode)
            if image.mode == "P" and "transparency" in image.info:
                mode = "RGBA"
            plain = _convert(_in_mode(image, mode), _MODES[channels])
            if plain.size != (width, height):
                plain = plain.resize((width, height))
            return np.asarray(plain, np.uint8).reshape(shape)
    except Exception as error:
        raise _refused(number, str(error)) from error


def _in_mode(image: "Image.Image", mode: str) -> "Image.Image":
    return image if image.mode == mode else image.convert(mode)


def _convert(image: "Image.Image", mode: str) -> "Image.Image":
    """Make 8 bits of 16, and black of what is transparent."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError(f"the range of mode {image.mode} is unknown")
    if image.mode in ("LA", "PA", "RGBA"):
        image = _in_mode(image, "RGBA")
        black = Image.new("RGBA", image.size, "black")
        image = Image.alpha_composite(black, image)
    return _in_mode(image, mode)


def _refused(number: int, reason: str) -> InvalidArgument:
    return InvalidArgument(
        f"Cannot read image {number} of '{IMAGE_BYTES.name}': {reason}. "
        "Send whole image files as base64."
    )
