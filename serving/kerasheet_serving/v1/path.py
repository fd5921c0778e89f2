"""TensorFlow Serving's paths: which model, which version, what is asked."""

import re
from dataclasses import dataclass

from kerasheet_serving.errors import InvalidArgument

_SELECTED = r"(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
_PATTERNS = {
    "POST": re.compile(
        rf"/v1/models/(?P<name>[^/:]+){_SELECTED}"
        r":(?P<asked>classify|regress|predict|generate)",
        re.IGNORECASE,
    ),
    "GET": re.compile(
        rf"/v1/models(?:/(?P<name>[^/:]+))?{_SELECTED}(?:/(?P<asked>metadata))?",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True)
class Target:
    """What a request is for.

    Args:
        asked: `predict`, `classify`, `regress`, `generate`, `metadata` or `status`.
        name: of the model; None where all models are meant.
        number: of the version, if it is asked for.
        label: of the version, if it is asked for.
    """

    asked: str
    name: str | None
    number: int | None
    label: str | None


def read_path(method: str, path: str) -> Target:
    """What a request of an HTTP method is for, by its decoded path.

    Raises:
        InvalidArgument: there is no such path.
    """
    pattern = _PATTERNS.get(method)
    match = pattern.fullmatch(path) if pattern is not None else None
    if match is None:
        raise InvalidArgument(f"Malformed request: {method} {path}")
    asked = (match["asked"] or "status").lower()
    return Target(asked, match["name"], _number(match["version"]), match["label"])


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.lstrip("0") or "0"  # Python reads no more than 4300
    if len(digits) > 19 or int(digits) >= 2**63:
        raise InvalidArgument(f"Failed to convert version: {text} to numeric.")
    return int(digits)
