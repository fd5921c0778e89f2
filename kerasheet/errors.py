"""What a person can do something about: one sentence each."""

import difflib
from collections.abc import Iterable


class KerasheetError(Exception):
    """Base of the errors whose message is meant for a person."""


class DataError(KerasheetError):
    """Data that cannot be had, or is not what the model takes."""


class RecipeError(KerasheetError, ValueError):
    """A training recipe that cannot be followed."""


class TrainingError(KerasheetError):
    """A training that came to nothing."""


class TrainingStopped(KerasheetError):
    """A training that was asked to stop, and can go on.

    Attributes:
        epoch: the one it stopped in, from 1.
        epochs: how many there are.
    """

    def __init__(self, sentence: str, epoch: int, epochs: int) -> None:
        super().__init__(sentence)
        self.epoch, self.epochs = epoch, epochs


class RunError(KerasheetError):
    """A run directory that is missing, incomplete, of a newer format, or in the way."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is unknown, suggest the nearest and list the known ones.

    Example:
    >>> unknown("model", "lenett", ["lenet", "mlp"])
    "Unknown model 'lenett'. Did you mean 'lenet'? Known: lenet, mlp."
    """
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"Unknown {kind} {name!r}.{hint} Known: {', '.join(known)}."
