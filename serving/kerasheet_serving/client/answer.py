"""What a client reads out of an answer: a result, or an error of the right class."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerasheet_serving import errors
from kerasheet_serving.errors import ServingError

OK = 200
_CLASSES: dict[int, type[ServingError]] = {
    one.status: one
    for one in (
        errors.InvalidArgument,
        errors.Unauthenticated,
        errors.PermissionDenied,
        errors.NotFound,
        errors.RequestTimeout,
        errors.Conflict,
        errors.RequestTooLarge,
        errors.ResourceExhausted,
        errors.Cancelled,
        errors.Unimplemented,
        errors.Unavailable,
        errors.DeadlineExceeded,
    )
}


@dataclass(frozen=True)
class Answer:
    """What a server sent.

    Args:
        status: of HTTP.
        headers: by name in lower case.
        body: all of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def lower_headers(headers: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Headers of an answer by name in lower case."""
    return {name.decode("latin-1").lower(): v.decode("latin-1") for name, v in headers}


def is_ok(answer: Answer) -> bool:
    """Whether the answer is of success."""
    return answer.status == OK


def checked(answer: Answer, key: str | None = None) -> Any:
    """The JSON object of an answer, or one member of it.

    Raises:
        ServingError: of the class that the status says; `ServingError` itself if it is
            an error of the server or if no model server answered.
    """
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    is_object = type(document) is dict
    lacks = is_object and is_ok(answer) and key is not None and key not in document
    if not is_object or lacks:
        what = f"without {key!r}" if lacks else "not JSON of a model server"
        raise _CLASSES.get(answer.status, ServingError)(
            f"HTTP {answer.status}, and {what}: {answer.body!r:.80}"
        )
    if not is_ok(answer):
        message = document.get("error", f"HTTP {answer.status}")
        raise _CLASSES.get(answer.status, ServingError)(str(message))
    return document if key is None else document[key]


def to_arrays(result: Any, is_row: bool) -> Any:
    """Make NumPy arrays of predictions or outputs, by name if there are several."""
    import numpy as np  # only for those who ask for arrays

    if is_row and result and _is_named(result[0]):
        return {name: np.array([row[name] for row in result]) for name in result[0]}
    if not is_row and _is_named(result):
        return {name: np.array(values) for name, values in result.items()}
    return np.array(result)


def _is_named(value: Any) -> bool:
    return type(value) is dict and value.keys() != {"b64"}
