"""What workers send to each other, as bytes."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from kerasheet.language import Vocabulary
from kerasheet.training.checkpoint import dump, load
from kerasheet.training.recipe import Recipe
from kerasheet.training.run import Run
from kerasheet.training.state import State

Thing = TypeVar("Thing")


class Parcel(NamedTuple, Generic[Thing]):
    """How to send things of a kind.

    Attributes:
        pack: makes bytes of one, never none.
        unpack: makes it of the bytes.
    """

    pack: Callable[[Thing], bytes]
    unpack: Callable[[bytes], Thing]


def optional(parcel: Parcel[Thing]) -> Parcel[Thing | None]:
    """The same for such a thing or None.

    Example:
    >>> text = optional(Parcel(str.encode, bytes.decode))
    >>> text.unpack(text.pack("a")), text.unpack(text.pack(None))
    ('a', None)
    """
    return Parcel(
        lambda thing: b"" if thing is None else parcel.pack(thing),
        lambda packed: parcel.unpack(packed) if packed else None,
    )


def _pack_run(run: Run) -> bytes:
    tokens = None if run.vocabulary is None else run.vocabulary.to_json()
    recipe, metrics = run.recipe.to_json(), dict(run.metrics)
    return json.dumps([str(run.path), recipe, run.labels, metrics, tokens]).encode()


def _unpack_run(packed: bytes) -> Run:
    path, recipe, labels, metrics, tokens = json.loads(packed)
    vocabulary = None if tokens is None else Vocabulary.from_json(tokens)
    return Run(Path(path), Recipe.from_json(recipe), tuple(labels), metrics, vocabulary)


def _pack_state(state: State) -> bytes:
    file = io.BytesIO()
    dump(state, file)
    return file.getvalue()


TEXT = Parcel(str.encode, bytes.decode)
RUN = Parcel(_pack_run, _unpack_run)
"""Without its files."""

STATE = Parcel(_pack_state, lambda packed: load(io.BytesIO(packed)))
