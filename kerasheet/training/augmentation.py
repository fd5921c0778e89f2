"""How a recipe changes images by chance."""

import dataclasses
from dataclasses import dataclass

from kerasheet import data
from kerasheet.errors import RecipeError
from kerasheet.typing import Tensor

LARGEST = 4096
"""Of crop and shift, in pixels."""


@dataclass(frozen=True)
class Augmentation:
    """What `kerasheet.data.augment` does to the images of every batch in training.

    Attributes:
        flip: whether half of the images are mirrored left to right.
        crop: pixels of black around an image before a window is cut out of it.
        shift: most pixels that an image moves.

    Raises:
        RecipeError: a number is out of range, or nothing is asked for.

    Example:
    >>> Augmentation(flip=True)
    Augmentation(flip=True, crop=0, shift=0)
    """

    flip: bool = False
    crop: int = 0
    shift: int = 0

    def __post_init__(self) -> None:
        if type(self.flip) is not bool:
            raise RecipeError(
                f"A recipe needs `flip` to be a bool. Received: flip={self.flip!r}."
            )
        for name in ("crop", "shift"):
            value = getattr(self, name)
            if type(value) is not int or not 0 <= value <= LARGEST:
                raise RecipeError(
                    f"A recipe needs `{name}` to be an int from 0 to {LARGEST}. "
                    f"Received: {name}={value!r}."
                )
        if not (self.flip or self.crop or self.shift):
            raise RecipeError(
                "An augmentation needs `flip`, `crop` or `shift`. Leave out `augment` "
                "for none."
            )

    def __call__(self, images: Tensor, seed: Tensor) -> Tensor:
        """Other images of the same shape, by a seed of two integers."""
        return data.augment(images, seed, **dataclasses.asdict(self))
