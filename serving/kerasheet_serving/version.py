"""One version of a model, and the states that it goes through."""

from collections.abc import Iterable
from dataclasses import dataclass

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.loading import Fingerprint
from kerasheet_serving.servable import Servable

LOADING, AVAILABLE, UNLOADING, END = "LOADING", "AVAILABLE", "UNLOADING", "END"
"""States, by TensorFlow Serving's names."""

_REPOSITORY_STATES = {AVAILABLE: "READY", END: "UNAVAILABLE"}


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

    @property
    def repository_state(self) -> str:
        """Its state, as the Open Inference Protocol calls it."""
        return _REPOSITORY_STATES.get(self.state, self.state)

    @property
    def reason(self) -> str:
        """Why it was refused, or does not serve any more; nothing otherwise."""
        if self.error is not None:
            return str(self.error)
        return "unloaded" if self.state == END else ""


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

    def names(self) -> set[str]:
        """Models that have such a version."""
        return {name for name, _ in self._phases.copy()}

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
