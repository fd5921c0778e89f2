"""The models in memory: which versions serve, and which were refused and why."""

import logging
from dataclasses import dataclass

from kerasheet_serving.errors import InvalidArgument, NotFound, RepositoryError
from kerasheet_serving.repository import Repository
from kerasheet_serving.servable import MakeRunner, Servable, one_by_one
from kerasheet_serving.session import Session

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Version:
    """One version of a model: what serves it, or the error that refused it."""

    number: int
    servable: Servable | None
    error: RepositoryError | None = None


class Registry:
    """Every version of every model of a repository, loaded once.

    A version that cannot be loaded is logged with its reason and kept as refused; the
    others serve. The newest that loaded answers requests that name no version.

    Args:
        repository: where the models are.
        threads: CPU threads of each model; None is one per core.
        make_runner: makes what computes for each version.

    Raises:
        RepositoryError: the root of the repository cannot be read.
    """

    def __init__(
        self,
        repository: Repository,
        threads: int | None = None,
        make_runner: MakeRunner = one_by_one,
    ) -> None:
        self._repository = repository
        self._threads = threads
        self._make_runner = make_runner
        contents = repository.read()
        for sentence in contents.ignored:
            _log.warning("%s", sentence)
        self._models = {
            name: [self._load(name, number) for number in reversed(numbers)]
            for name, numbers in contents.models.items()
        }

    def serving(self) -> dict[str, list[Servable]]:
        """Versions that serve, newest first, of every model that has one."""
        loaded = {
            name: [v.servable for v in versions if v.servable is not None]
            for name, versions in self._models.items()
        }
        return {name: servables for name, servables in loaded.items() if servables}

    def versions(self, name: str) -> list[Version]:
        """All versions of a model, refused ones too, newest first; none if unknown."""
        return self._models.get(name, [])

    def find(
        self, name: str, number: int | None = None, label: str | None = None
    ) -> Servable:
        """What answers a request; to be leased before anything is awaited.

        Args:
            name: of the model.
            number: of the version; None takes the newest that serves.
            label: of the version, instead of its number.

        Raises:
            InvalidArgument: there is no such label.
            NotFound: there is no such version.
        """
        if label is not None:
            number = self.labelled(name, label)
        for version in self.versions(name):
            if version.servable is not None and number in (None, version.number):
                return version.servable
        request = f"Latest({name})" if number is None else f"Specific({name}, {number})"
        raise NotFound(f"Servable not found for request: {request}")

    def labelled(self, name: str, label: str) -> int:
        """Number of the version that has a label.

        Raises:
            InvalidArgument: none has.
        """
        raise InvalidArgument(f"Unrecognized servable version label: {label}")

    def _load(self, name: str, number: int) -> Version:
        try:
            session = Session(self._repository.directory(name, number), self._threads)
        except RepositoryError as error:
            _log.warning("Refused version %d of model %s: %s", number, name, error)
            return Version(number, None, error)
        runner = self._make_runner(name, number, session)
        return Version(number, Servable(number, session, runner))
