"""Settings out of flags, the environment and a file; the first that has one wins."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from kerasheet_serving.settings import Settings

PREFIX = "KERASHEET_SERVE_"
"""Of variables of the environment; the name of the setting follows in capitals."""


def settle(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Put together all that a server is told.

    Args:
        flags: values by name of the setting.
        environment: of the process.

    Raises:
        ValueError: a setting is unknown, missing, or of a value that it cannot have;
            the sentence says where.
        RepositoryError: the file cannot be read.
    """
    given = {**dict(_from_environment(environment)), **flags}
    if "config" in given:
        given = {**dict(_from_file(given["config"])), **given}
    if "repository" not in given:
        raise ValueError("give the directory of the models")
    return Settings(**given)


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for variable, text in environment.items():
        if variable.startswith(PREFIX):
            name = variable.removeprefix(PREFIX).lower()
            yield name, _read(name, text, variable, f"{PREFIX}{{}}", str.upper)


def _from_file(path: Path) -> Iterator[tuple[str, Any]]:
    from kerasheet_serving.model_settings import read_tables  # most have no file

    table = read_tables(path)["server"]
    if "config" in table:
        raise ValueError(
            f"server.config in {path} is for the command line; leave it out here"
        )
    yield from read_values(table, "server.{}", f" in {path}")


def read_values(
    values: Mapping[str, Any], pattern: str, place: str = ""
) -> Iterator[tuple[str, Any]]:
    """Settings out of a table of a file, each with its name.

    Args:
        values: by name, each as text or as the file's own type.
        pattern: how errors name a setting.
        place: words that follow the name in an error.

    Raises:
        ValueError: a setting is unknown, or of a value that it cannot have.
    """
    for name, value in values.items():
        text = ",".join(map(str, value)) if type(value) is list else str(value)
        where = pattern.format(name) + place
        yield name, _read(name, text, where, pattern, str.lower)


def _read(name: str, text: str, where: str, pattern: str, case: Any) -> Any:
    """The value of one setting.

    Args:
        name: of the setting.
        text: of its value.
        where: it came from.
        pattern: how names look there.
        case: how they are written there.
    """
    known = {one.name: one.metadata.get("read", Path) for one in fields(Settings)}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        hint = "".join(f"; did you mean {pattern.format(case(one))}?" for one in near)
        raise ValueError(f"{where} is no setting{hint or '; see --help'}")
    try:
        return known[name](text)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
