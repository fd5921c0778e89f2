"""One version of a model, and the states that it goes through."""

from collections.abc import Iterable
from dataclasses import dataclass

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.loading import Fingerprint
from kerasheet_serving.servable import Servable

LOADING, AVAILABLE, UNLOADING, END = "LOADING", "AVAILABLE", "UNLOADING", "END"
"""States, by TensorFlow Serving's names."""


@dataclass(frozen=True)
class Version:
    """One version of a model: what serves it, or the error that refused it.

    Args:
        number: of the version.
        servable: what serves it; None if it was refused, or does not serve now.
        error: why it, or what has changed in its files since, was refused.
        files: what its directory held when it was read.
        phase: its state while nothing serves it.
    """

    number: int
    servable: Servable | None
    error: RepositoryError | None = None
    files: Fingerprint = frozenset()
    phase: str = END

    @property
    def state(self) -> str:
        """Its state, as TensorFlow Serving calls it."""
        return self.phase if self.servable is None else AVAILABLE


class Transitions:
    """Versions that begin to serve or have ceased to, of every model.

    A version that has ceased is known until its directory is gone, or it is back.
    """

    def __init__(self) -> None:
        self._phases: dict[tuple[str, int], str] = {}

    def enter(self, name: str, number: int, phase: str) -> None:
        """Note that a version of a model enters a phase."""
        self._phases[name, number] = phase

    def leave(self, name: str, number: int) -> None:
        """Forget a version, which serves now or has been refused."""
        self._phases.pop((name, number), None)

    def keep(self, name: str, numbers: Iterable[int]) -> None:
        """Forget the versions of a model that have ended, but for some."""
        for (model, number), phase in self._phases.copy().items():
            if model == name and phase == END and number not in numbers:
                self.leave(name, number)

    def joined(self, name: str, versions: Iterable[Version]) -> list[Version]:
        """Versions and these besides, newest first."""
        known = {version.number: version for version in versions}
        for (model, number), phase in self._phases.copy().items():
            if model == name and number not in known:
                known[number] = Version(number, None, phase=phase)
        return [known[number] for number in sorted(known, reverse=True)]
