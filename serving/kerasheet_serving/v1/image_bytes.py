"""Image files in a request, as the numbers that a model takes."""

import io
import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
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


def takes_images(manifest: Manifest) -> bool:
    """Whether the manifest says how an image file becomes the model's one input."""
    if len(manifest.inputs) != 1 or type(manifest.preprocessing.get("scale")) is str:
        return False
    [spec] = manifest.inputs
    sized = len(spec.shape) == 4 and all(isinstance(d, int) for d in spec.shape[1:])
    known = spec.dtype in ("float32", "uint8") and "scale" in manifest.preprocessing
    return known and sized and spec.shape[3] in _MODES


def read_images(
    files: Collection[str | bytes], manifest: Manifest, most_bytes: int
) -> Array:
    """Decode, convert, resize and scale image files.

    Transparent is black, the resize bicubic, as in the SavedModel's `predict_bytes`.

    Args:
        files: whole PNG, JPEG, GIF or BMP files.
        manifest: of a model for which `takes_images` holds.
        most_bytes: of the array.

    Returns:
        (files, height, width, channels), the model's input.

    Raises:
        InvalidArgument: one is not an image, or too large.
        RequestTooLarge: the array would be; no image has been decoded then.
    """
    [spec] = manifest.inputs
    sizes = (int(size) for size in spec.shape[1:])
    one = math.prod(sizes) * np.dtype(spec.dtype).itemsize
    check_tensor_bytes(len(files) * one, most_bytes)
    pixels = np.stack([_pixels(n, file, spec) for n, file in enumerate(files)])
    if spec.dtype == "uint8":
        return pixels
    return pixels.astype(np.float32) * np.float32(manifest.preprocessing["scale"])


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


def _pixels(number: int, file: str | bytes, spec: TensorSpec) -> Array:
    from PIL import Image, UnidentifiedImageError  # as heavy as the rest of the server

    content = file.encode() if isinstance(file, str) else file
    _, height, width, channels = spec.shape
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise ValueError(f"it has {image.width}×{image.height} pixels")
            mode = _SAME_AS.get(image.mode, image.mode)
            if image.mode == "P" and "transparency" in image.info:
                mode = "RGBA"
            plain = _convert(image.convert(mode), _MODES[int(channels)])
        scaled = plain.resize((int(width), int(height)))
    except UnidentifiedImageError:
        raise _refused(number, f"it is none of {', '.join(_FORMATS)}") from None
    except Exception as error:  # Pillow's errors have no base
        raise _refused(number, str(error)) from error
    return np.asarray(scaled, np.uint8).reshape(spec.shape[1:])


def _convert(image: "Image.Image", mode: str) -> "Image.Image":
    """Make 8 bits of 16, and black of what is transparent."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError(f"the range of mode {image.mode} is unknown")
    if image.mode in ("LA", "PA", "RGBA"):
        image = image.convert("RGBA")
        black = Image.new("RGBA", image.size, "black")
        image = Image.alpha_composite(black, image)
    return image.convert(mode)


def _refused(number: int, reason: str) -> InvalidArgument:
    return InvalidArgument(
        f"Cannot read image {number} of '{IMAGE_BYTES.name}': {reason}. "
        "Send whole image files as base64."
    )
