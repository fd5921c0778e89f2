"""Members of a JSON object, refused if they are of another type."""

from typing import Any, TypeVar

from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import shown

T = TypeVar("T", str, int, bool, list[Any], dict[str, Any])

_WORDS: dict[type, str] = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def member(
    holder: dict[str, Any],
    name: str,
    kind: type[T],
    where: str,
    default: T | None = None,
) -> T:
    """A member of an object.

    Args:
        holder: the object.
        name: of the member.
        kind: its type.
        where: name of the object, for the error.
        default: what it is if it is not there; None refuses that.

    Raises:
        InvalidArgument: it is not there, or of another type.
    """
    if name not in holder and default is not None:
        return default
    if name not in holder:
        raise InvalidArgument(f"{where} has no {name!r}")
    value = holder[name]
    if type(value) is not kind:
        raise InvalidArgument(
            f"{name!r} of {where} must be {_WORDS[kind]}, received {shown(value)}"
        )
    return value


def objects(holder: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    """A member that is a list of objects; empty if it is not there."""
    items: list[Any] = member(holder, name, list, where, [])
    for index, item in enumerate(items):
        if type(item) is not dict:
            raise InvalidArgument(
                f"{name!r} of {where} must hold objects, received {shown(item)} at "
                f"index {index}"
            )
    return items
