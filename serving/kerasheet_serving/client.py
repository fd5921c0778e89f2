"""A client of the server, with nothing but the standard library."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

from kerasheet_serving.errors import (
    InvalidArgument,
    NotFound,
    RequestTooLarge,
    ServingError,
    Unavailable,
    Unimplemented,
)

_ERRORS: dict[int, type[ServingError]] = {
    error.status: error
    for error in (
        InvalidArgument,
        NotFound,
        RequestTooLarge,
        Unimplemented,
        Unavailable,
    )
}


class Client:
    """Asks a server that speaks TensorFlow Serving's REST protocol.

    Args:
        url: where the server listens, such as `"http://127.0.0.1:8501"`.
        timeout: seconds to wait for the server.

    Raises:
        ServingError: from every method: the class that matches the answer, with the
            server's message; `Unavailable` if the server cannot be reached.
    """

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(
                "Client needs a URL such as 'http://127.0.0.1:8501'. "
                f"Received: {url!r}."
            )
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._host, self._port, self._prefix = (
            parts.hostname,
            parts.port,
            parts.path.rstrip("/"),
        )

    def predict(
        self,
        model: str,
        instances: Any = None,
        *,
        inputs: Any = None,
        version: int | None = None,
    ) -> Any:
        """Predictions of a model.

        Args:
            model: its name.
            instances: one element per instance, as an array or as lists; with several
                inputs, a list of objects by input name. Bytes are sent as base64.
            inputs: instead of instances: the tensors, by name if there are several.
            version: None asks the newest.

        Returns:
            The answer's `predictions` for instances, its `outputs` for inputs.

        Raises:
            TypeError: neither instances nor inputs are given, or both are, or they
                hold what JSON has no word for.
        """
        if (instances is None) == (inputs is None):
            received = "neither" if inputs is None else "both"
            raise TypeError(
                f"Client.predict of model {model!r} needs either instances or inputs, "
                f"received {received}."
            )
        asked, answered = "instances", "predictions"
        values = instances
        if instances is None:
            asked, answered, values = "inputs", "outputs", inputs
        body = json.dumps({asked: values}, default=_plain).encode()
        status, answer = self._ask("POST", _path(model, version) + ":predict", body)
        return _checked(status, answer)[answered]

    def status(self, model: str) -> list[dict[str, Any]]:
        """State of every version of a model, newest first."""
        answer = _checked(*self._ask("GET", _path(model)))
        return list(answer["model_version_status"])

    def metadata(self, model: str, version: int | None = None) -> dict[str, Any]:
        """Inputs and outputs of a model, in TensorFlow Serving's terms."""
        return _checked(*self._ask("GET", _path(model, version) + "/metadata"))

    def live(self) -> bool:
        """Whether the server runs."""
        return self._ask("GET", "/v2/health/live")[0] == http.client.OK

    def ready(self) -> bool:
        """Whether the server has a model to serve."""
        return self._ask("GET", "/v2/health/ready")[0] == http.client.OK

    def _ask(
        self, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(
            self._host, self._port, timeout=self.timeout
        )
        try:
            connection.request(method, self._prefix + path, body)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(
                f"No answer from {self.url}: {error}. "
                "Start a server there with `kerasheet-serve REPOSITORY`."
            ) from error
        finally:
            connection.close()


def _path(model: str, version: int | None = None) -> str:
    selected = "" if version is None else f"/versions/{version}"
    return f"/v1/models/{quote(model, safe='')}{selected}"


def _checked(status: int, answer: bytes) -> dict[str, Any]:
    try:
        document = json.loads(answer)
    except ValueError:
        document = None
    if type(document) is not dict:
        raise ServingError(
            f"HTTP {status}, and not JSON of a model server: {answer!r:.80}"
        )
    if status != http.client.OK:
        message = document.get("error", f"HTTP {status}")
        raise _ERRORS.get(status, ServingError)(message)
    return document


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
