"""Pictures that lie in the page itself."""

import base64
import io

import numpy as np
from PIL import Image

LARGEST = 160
"""Height or width of a picture, in pixels; larger ones are shrunk."""

COLUMNS = 8
"""Of a sheet."""


def image_uri(image: np.ndarray) -> str:
    """An image as the address of a PNG that it holds itself.

    Args:
        image: (height, width, channels), floats from 0 to 1; shown gray unless it has
            three channels.
    """
    pixels = _bytes(_paintable(image))
    picture = Image.fromarray(pixels)
    picture.thumbnail((LARGEST, LARGEST))
    return _uri(picture)


def sheet_uri(filters: np.ndarray) -> str:
    """Filters side by side, `COLUMNS` in a row, with transparent seams.

    Args:
        filters: (filters, rows, columns, channels); mid-gray stands for zero, white and
            black for the largest weight of all and its opposite.
    """
    most = np.abs(filters).max() or 1.0
    gray = np.stack([_paintable(one) for one in filters / (2 * most) + 0.5])
    count, rows, columns = gray.shape[:3]
    across = min(COLUMNS, count)
    down = -(-count // across)
    sheet = np.zeros((down * (rows + 1) - 1, across * (columns + 1) - 1, 4), np.uint8)
    for index, one in enumerate(_bytes(gray)):
        top, left = index // across * (rows + 1), index % across * (columns + 1)
        place = sheet[top : top + rows, left : left + columns]
        place[..., :3] = one if one.ndim == 3 else one[..., None]
        place[..., 3] = 255
    return _uri(Image.fromarray(sheet))


def matrix_uri(shares: np.ndarray) -> str:
    """A matrix as a picture, a pixel a cell.

    Args:
        shares: (rows, columns), from 0, white, to 1, black.
    """
    return _uri(Image.fromarray(_bytes(1 - shares)))


def _paintable(image: np.ndarray) -> np.ndarray:
    """(height, width), or (height, width, 3) for an image of three channels."""
    return image if image.shape[-1] == 3 else image.mean(-1)


def _bytes(shares: np.ndarray) -> np.ndarray:
    """From 0…1 to 0…255."""
    return (np.clip(shares, 0, 1) * 255 + 0.5).astype("uint8")


def _uri(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
