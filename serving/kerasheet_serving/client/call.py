"""What a client asks, as a request and the way to read its answer; no transport."""

import base64
import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from kerasheet_serving.client.answer import Answer, checked, is_ok, to_arrays
from kerasheet_serving.generation.events import MEDIA_TYPE


@dataclass(frozen=True)
class Call:
    """A request, and how to read what comes back.

    Args:
        method: of HTTP.
        path: below the address of the server.
        read: makes the result of an answer.
        document: the body, of which JSON is made; None has no body.
        accept: the media type that is wanted.
        retried: whether 503 is worth asking again.
    """

    method: str
    path: str
    read: Callable[[Answer], Any]
    document: Mapping[str, Any] | None = None
    accept: str = "application/json"
    retried: bool = True

    def content(self, compress_from: int | None) -> tuple[bytes, dict[str, str]]:
        """The body, and the headers that describe it.

        Args:
            compress_from: bytes from which it is compressed; None never does.

        Raises:
            TypeError: it holds what JSON has no word for.
        """
        headers = {"Accept": self.accept}
        if self.document is None:
            return b"", headers
        body = json.dumps(self.document, default=_plain).encode()
        headers["Content-Type"] = "application/json"
        if compress_from is not None and len(body) >= compress_from:
            body = gzip.compress(body, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
        return body, headers


@dataclass(frozen=True)
class Which:
    """A model, and which of its versions: the newest, a number, or a label.

    Raises:
        TypeError: both a version and a label are given.
    """

    model: str
    version: int | None = None
    label: str | None = None
    path: str = field(init=False)

    def __post_init__(self) -> None:
        if self.version is not None and self.label is not None:
            raise TypeError(
                f"Client asks model {self.model!r} for a version or a label, "
                f"received both: {self.version!r} and {self.label!r}."
            )
        selected = "" if self.version is None else f"/versions/{self.version}"
        if self.label is not None:
            selected = f"/labels/{quote(self.label, safe='')}"
        path = f"/v1/models/{quote(self.model, safe='')}{selected}"
        object.__setattr__(self, "path", path)


def predict(
    which: Which, instances: Any, inputs: Any, signature: str | None, numpy: bool
) -> Call:
    """Ask for predictions.

    Raises:
        TypeError: neither instances nor inputs are given, or both are.
    """
    if (instances is None) == (inputs is None):
        received = "neither" if inputs is None else "both"
        raise TypeError(
            f"Client.predict of model {which.model!r} needs either instances or "
            f"inputs, received {received}."
        )
    is_row = instances is not None
    asked, values = ("instances", instances) if is_row else ("inputs", inputs)

    def read(answer: Answer) -> Any:
        result = checked(answer, "predictions" if is_row else "outputs")
        return to_arrays(result, is_row) if numpy else result

    return _post(which, "predict", {asked: values}, signature, read)


def scored(
    which: Which,
    method: str,
    examples: Any,
    context: Mapping[str, Any] | None,
    signature: str | None,
) -> Call:
    """Ask for classes or numbers of examples; `method` is classify or regress."""
    document = {"examples": examples}
    if context is not None:
        document["context"] = context
    return _post(which, method, document, signature, partial(checked, key="results"))


def generate(
    which: Which,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int | None,
    seed: int,
    stream: bool,
) -> Call:
    """Ask for the continuation of a text."""
    document = {
        "prompt": prompt,
        "length": length,
        "temperature": temperature,
        "top_k": top_k,
        "seed": seed,
        "stream": stream,
    }
    accept = MEDIA_TYPE if stream else "application/json"
    read = partial(checked, key="text")
    return Call("POST", f"{which.path}:generate", read, document, accept)


def status(which: Which) -> Call:
    """Ask for the state of versions."""
    return Call("GET", which.path, partial(checked, key="model_version_status"))


def versions(model: str) -> Call:
    """Ask for the numbers of the versions that answer."""

    def read(answer: Answer) -> list[int]:
        found = checked(answer, "model_version_status")
        return [int(one["version"]) for one in found if one["state"] == "AVAILABLE"]

    return Call("GET", Which(model).path, read)


def metadata(which: Which) -> Call:
    """Ask for inputs and outputs."""
    return Call("GET", f"{which.path}/metadata", checked)


def live() -> Call:
    """Ask whether the server runs."""
    return Call("GET", "/v2/health/live", is_ok, retried=False)


def ready(model: str | None) -> Call:
    """Ask whether the server, or one of its models, answers."""
    if model is None:
        return Call("GET", "/v2/health/ready", is_ok, retried=False)

    def read(answer: Answer) -> bool:
        if not is_ok(answer):
            return False
        states = checked(answer, "model_version_status")
        return any(one["state"] == "AVAILABLE" for one in states)

    return Call("GET", Which(model).path, read, retried=False)


def _post(
    which: Which,
    method: str,
    document: dict[str, Any],
    signature: str | None,
    read: Callable[[Answer], Any],
) -> Call:
    if signature is not None:
        document["signature_name"] = signature
    return Call("POST", f"{which.path}:{method}", read, document)


def _plain(value: Any) -> Any:
    """What stands in JSON for an array, a NumPy scalar, or bytes."""
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(
        "Client sends numbers, strings, bytes, arrays, and lists and dicts of them, "
        f"received {value!r:.80}."
    )
