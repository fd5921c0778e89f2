"""The models in memory: which versions serve, and which were refused and why."""

import logging
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kerasheet_serving.errors import InvalidArgument, NotFound, RepositoryError
from kerasheet_serving.loading import Fingerprint, fingerprint, has_changed, load
from kerasheet_serving.model_settings import ALL, ModelSettings, read_model_settings
from kerasheet_serving.repository import Repository
from kerasheet_serving.servable import MakeRunner, Servable, one_by_one
from kerasheet_serving.version import END, LOADING, UNLOADING, Transitions, Version

_log = logging.getLogger(__name__)


class Registry:
    """The versions of every model of a repository that its settings want to serve.

    A version that cannot be loaded is logged with its reason and kept as refused, until
    its files change; the others serve. The newest that loaded answers requests that
    name no version.

    Args:
        repository: where the models are.
        threads: CPU threads of each model; None is one per core.
        make_runner: makes what computes for each version.
        settings: file of `read_model_settings`; None serves all versions.

    Raises:
        RepositoryError: the root of the repository, or the file, cannot be read.
    """

    def __init__(
        self,
        repository: Repository,
        threads: int | None = None,
        make_runner: MakeRunner = one_by_one,
        settings: Path | None = None,
    ) -> None:
        self._repository = repository
        self._threads = threads
        self._make_runner = make_runner
        self._file = settings
        self._settings: Mapping[str, ModelSettings] = {}
        self._models: dict[str, list[Version]] = {}
        self._transitions = Transitions()
        self._retired: deque[Servable] = deque()
        self._leaving: dict[Servable, str] = {}
        self._told: set[str] = set()
        self._refreshing = threading.Lock()
        self.refresh()

    def refresh(self) -> None:
        """Take in what has changed on disk, while requests go on.

        What is new is loaded before what it replaces retires.

        Raises:
            RepositoryError: as above; everything stays as it is.
        """
        with self._refreshing:
            settings = read_model_settings(self._file) if self._file else {}
            contents = self._repository.read()
            self._tell(contents.ignored)
            self._settings = settings
            for name, numbers in contents.models.items():
                self._update(name, numbers)
            for name in self._models.keys() - contents.models.keys():
                if not (self._repository.root / name).is_dir():  # else it is unreadable
                    self._replace(name, [])
                    self._transitions.keep(name, ())

    def take_retired(self) -> list[Servable]:
        """What has stopped to serve since the last time, for the caller to close.

        Each is unloading until the caller says by `ended` that it has closed it.
        """
        return [self._retired.popleft() for _ in range(len(self._retired))]

    def ended(self, servable: Servable) -> None:
        """Take note that a servable that was retired is closed."""
        name, number = self._leaving.pop(servable), servable.number
        if self._place(name, number).is_dir():
            self._transitions.enter(name, number, END)
        else:
            self._transitions.leave(name, number)

    def serving(self) -> dict[str, list[Servable]]:
        """Versions that serve, newest first, of every model that has one."""
        loaded = {
            name: [v.servable for v in versions if v.servable is not None]
            for name, versions in self._models.items()
        }
        return {name: servables for name, servables in loaded.items() if servables}

    def names(self) -> list[str]:
        """Every model that has a version, even if none serves, by name."""
        return sorted({*self._models, *self._transitions.names()})

    def versions(self, name: str) -> list[Version]:
        """All versions of a model, refused ones too, newest first; none if unknown."""
        return self._models.get(name, [])

    def states(self, name: str) -> list[Version]:
        """Those versions, and others that are being loaded or that have served."""
        return self._transitions.joined(name, self.versions(name))

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
        number = self._settings.get(name, ALL).labels.get(label)
        if number is None:
            raise InvalidArgument(f"Unrecognized servable version label: {label}")
        return number

    def _update(self, name: str, numbers: tuple[int, ...]) -> None:
        """Let what is wanted of these versions serve.

        If none can, and others have taken their place meanwhile, those, so that the
        model need not wait until the next time.
        """
        known = self.versions(name)
        versions = self._wanted(name, numbers, known)
        if not any(version.servable for version in versions):
            with suppress(RepositoryError):  # not to be read: the next time will tell
                if (now := self._repository.versions(name)) != numbers:
                    numbers = now
                    versions = self._wanted(name, now, [*known, *versions])
        self._replace(name, versions)
        self._transitions.keep(name, numbers)

    def _wanted(
        self, name: str, numbers: tuple[int, ...], versions: list[Version]
    ) -> list[Version]:
        """Versions that are to serve, newest first, with those refused among them."""
        settings, wanted = self._settings.get(name, ALL), []
        known = {version.number: version for version in versions}
        for number in reversed(numbers):
            if settings.versions and number not in settings.versions:
                continue
            wanted.append(self._current(name, number, known.get(number)))
            working = sum(version.servable is not None for version in wanted)
            if working == settings.latest > 0:
                break
        return wanted

    def _current(self, name: str, number: int, known: Version | None) -> Version:
        """The version as it is in memory, or loaded if its files have changed."""
        files = fingerprint(self._place(name, number))
        if known is not None and known.files == files:
            return known
        self._transitions.enter(name, number, LOADING)
        loaded = self._load(name, number, files, known)
        if known is not None and known.servable is not None and not loaded.servable:
            return replace(
                known, files=loaded.files, error=loaded.error
            )  # what works is kept
        return loaded

    def _load(
        self, name: str, number: int, files: Fingerprint, known: Version | None
    ) -> Version:
        try:
            directory = self._repository.directory(name, number)
            session = load(self._repository.root, directory, self._threads)
            runner = self._make_runner(name, number, session)
        except RepositoryError as error:
            if not has_changed(
                self._place(name, number), files
            ):  # else it is told later
                _log.warning("Refused version %d of model %s: %s", number, name, error)
            return Version(number, None, error, files)
        except Exception as error:  # of one model, and no harm to the others
            refusal = RepositoryError(f"It cannot be loaded: {error!r}.")
            if known is None or str(known.error) != str(refusal):
                _log.exception("Cannot load version %d of model %s", number, name)
            passes = isinstance(error, OSError | MemoryError)  # so it is tried again
            return Version(number, None, refusal, frozenset() if passes else files)
        return Version(number, Servable(number, session, runner), None, files)

    def _place(self, name: str, number: int) -> Path:
        return self._repository.root / name / str(number)

    def _replace(self, name: str, versions: list[Version]) -> None:
        """Let versions serve instead of those that did, all at once."""
        before = self.serving().get(name, [])
        others = {key: value for key, value in self._models.items() if key != name}
        self._models = {**others, name: versions} if versions else others
        after = self.serving().get(name, [])
        for version in versions:
            self._transitions.leave(name, version.number)
        for servable in before:
            if servable not in after:
                self._leaving[servable] = name
                self._transitions.enter(name, servable.number, UNLOADING)
                self._retired.append(servable)

    def _tell(self, ignored: list[str]) -> None:
        for sentence in ignored:
            if sentence not in self._told:
                _log.warning("%s", sentence)
        self._told = set(ignored)
