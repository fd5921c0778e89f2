"""Names for the types that Keras leaves open."""

from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""A tensor of whichever backend Keras runs on, or an array it can convert."""

Shape: TypeAlias = tuple[int | None, ...]
"""Sizes of a tensor's axes; None where the size is known only at run time."""
