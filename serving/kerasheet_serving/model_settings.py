"""Which versions of a model serve, and what they are called: a file of TOML.

The same file may hold a table `server`, which is read when the server starts.

[models.mnist]
latest = 2                         # the two newest that work, or
versions = [3, 5]                  # these; without either, all
labels = {stable = 3, canary = 5}  # /v1/models/mnist/labels/stable:predict
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.publishing.numbering import is_number
from kerasheet_serving.strict_json import from_json


@dataclass(frozen=True)
class ModelSettings:
    """Which versions of a model serve, and labels for them.

    Args:
        latest: how many serve, of the newest that work; 0 is no limit.
        versions: that may serve; none means any.
        labels: numbers of versions, by what requests call them.
    """

    latest: int = 0
    versions: tuple[int, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.latest < 0:
            raise ValueError(f"latest must be 1 or more, not {self.latest}")
        for number in (*self.versions, *self.labels.values()):
            if not is_number(str(number)):
                raise ValueError(f"{number} is not the number of a version")
        if self.latest and self.versions:
            raise ValueError("latest and versions exclude each other; leave out one")


ALL = ModelSettings()


def read_model_settings(path: Path) -> dict[str, ModelSettings]:
    """Read the settings of models from a file, by their names.

    Raises:
        RepositoryError: it cannot be read, or says what has no meaning.
    """
    tables = read_tables(path)["models"]
    try:
        return {name: _model(name, table) for name, table in tables.items()}
    except (ValueError, TypeError) as error:
        raise _meaningless(path, error) from error


def read_tables(path: Path) -> dict[str, dict[str, Any]]:
    """Read the two tables of a file, `server` and `models`; missing ones are empty.

    Raises:
        RepositoryError: it cannot be read, or holds something else.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        _refuse_others(document, ["server", "models"], "the file")
        for name, table in document.items():
            if type(table) is not dict:
                raise TypeError(f"{name} must be a table, not {table!r:.80}")
    except OSError as error:
        raise RepositoryError(
            f"Cannot read the settings {path}: {error.strerror}."
        ) from error
    except (ValueError, TypeError) as error:
        raise _meaningless(path, error) from error
    return {"server": {}, "models": {}, **document}


def _meaningless(path: Path, error: Exception) -> RepositoryError:
    return RepositoryError(f"{path} does not hold settings: {error}.")


def _model(name: str, table: Any) -> ModelSettings:
    where = f"models.{name}"
    if type(table) is dict:
        known = [one.name for one in fields(ModelSettings)]
        _refuse_others(table, known, where)
    try:
        settings: ModelSettings = from_json(ModelSettings, table, where)
    except ValueError as error:
        raise ValueError(f"in {where}, {error}") from error
    return settings


def _refuse_others(table: dict[str, Any], known: list[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{where} has {key!r}, and may have {', '.join(known)}")
