"""The models in memory: which versions serve, and which were refused and why."""

import logging
from dataclasses import dataclass

from kerasheet_serving.errors import NotFound, RepositoryError
from kerasheet_serving.repository import Repository
from kerasheet_serving.session import Session

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Version:
    """One version of a model: a session that serves, or the error that refused it."""

    number: int
    session: Session | None
    error: RepositoryError | None = None


class Registry:
    """Every version of every model of a repository, loaded once.

    A version that cannot be loaded is logged with its reason and kept as refused; the
    others serve. The newest that loaded answers requests that name no version.

    Args:
        repository: where the models are.
        threads: CPU threads of each model; None is one per core.

    Raises:
        RepositoryError: the root of the repository cannot be read.
    """

    def __init__(self, repository: Repository, threads: int | None = None) -> None:
        contents = repository.read()
        for sentence in contents.ignored:
            _log.warning("%s", sentence)
        self._models = {
            name: [
                _load(repository, name, number, threads) for number in reversed(numbers)
            ]
            for name, numbers in contents.models.items()
        }

    def serving(self) -> dict[str, list[tuple[int, Session]]]:
        """Versions that serve, newest first, of every model that has one."""
        loaded = {
            name: [(v.number, v.session) for v in versions if v.session is not None]
            for name, versions in self._models.items()
        }
        return {name: versions for name, versions in loaded.items() if versions}

    def versions(self, name: str) -> list[Version]:
        """All versions of a model, refused ones too, newest first; none if unknown."""
        return self._models.get(name, [])

    def find(self, name: str, number: int | None = None) -> tuple[int, Session]:
        """Version that answers a request.

        Args:
            name: of the model.
            number: of the version; None takes the newest that serves.

        Raises:
            NotFound: there is none.
        """
        for version in self.versions(name):
            if version.session is not None and number in (None, version.number):
                return version.number, version.session
        request = f"Latest({name})" if number is None else f"Specific({name}, {number})"
        raise NotFound(f"Servable not found for request: {request}")


def _load(
    repository: Repository, name: str, number: int, threads: int | None
) -> Version:
    try:
        return Version(number, Session(repository.directory(name, number), threads))
    except RepositoryError as error:
        _log.warning("Refused version %d of model %s: %s", number, name, error)
        return Version(number, None, error)
