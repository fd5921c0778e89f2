"""What a run knows of its data."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from kerasheet.language import Vocabulary


class ImageNames(NamedTuple):
    """What a run of images knows of its data.

    Attributes:
        labels: the name of each class.
        splits: for each part of the data, what its samples are called at their source.
        skipped: (path, reason) of each file that cannot be read.
    """

    labels: Sequence[str]
    splits: Mapping[str, Sequence[str | int]]
    skipped: Sequence[tuple[str, str]] = ()


Names: TypeAlias = ImageNames | Vocabulary
"""What a run is to know of its data."""
