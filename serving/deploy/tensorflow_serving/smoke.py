#!/usr/bin/env python3
"""Asks a server that speaks TensorFlow Serving's REST protocol, and shows what it says.

    python smoke.py http://127.0.0.1:8501 lenet_batch_norm

Ends with 0 if every check passed, 1 if one failed, 2 if there is no such server. Needs
Python only.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

Answer = tuple[int, Any]
"""HTTP status, and the JSON value of the body."""

_NO = 999_999_999  # a version that there is not
_VALUES: dict[str, Any] = {"DT_STRING": "", "DT_BOOL": False}


class Wrong(Exception):
    """An answer is not what the protocol says."""


class Server:
    """One server.

    Args:
        url: such as `"http://127.0.0.1:8501"`.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send one request.

        Raises:
            Wrong: the answer is not JSON.
            OSError: there is no answer.
        """
        sent = body if body is None or type(body) is str else json.dumps(body)
        data = None if sent is None else sent.encode()
        request = Request(self._url + path, data, method=method)
        try:
            response = urlopen(request, timeout=self._timeout)
        except HTTPError as error:
            response = error
        with response:
            text = response.read()
        try:
            return response.status, json.loads(text)
        except ValueError:
            raise Wrong(f"HTTP {response.status}, not JSON: {text[:60]!r}") from None


class Smoke:
    """The checks of one model.

    Args:
        server: that has it.
        model: its name.
        rows: that are sent at once.
    """

    def __init__(self, server: Server, model: str, rows: int = 2) -> None:
        self._server = server
        self._path = f"/v1/models/{quote(model, safe='')}"
        self._rows = rows
        self._version = ""
        self._row: dict[str, Any] = {}
        self._column: Any = None
        self._predictions: list[Any] = []
        self._outputs: Any = None

    def checks(self) -> list[tuple[str, Callable[[], str]]]:
        """Names of the checks, and what does each, in this order.

        A check returns words on what it saw, and raises `Wrong`.
        """
        return [
            ("status", self.status),
            ("metadata", self.metadata),
            ("predict, row form", self.row_form),
            ("predict, column form", self.column_form),
            ("predict, by version", self.by_version),
            ("error: not JSON", lambda: self.refused("{", 400, "JSON Parse")),
            ("error: no instances", lambda: self.refused({}, 400, "")),
            ("error: unknown signature", self.unknown_signature),
            (
                "error: unknown version",
                lambda: self.unknown(f"{self._path}/versions/{_NO}"),
            ),
            ("error: unknown model", lambda: self.unknown("/v1/models/no_such_model")),
        ]

    def status(self) -> str:
        """The newest version is available."""
        states = self._get("")["model_version_status"]
        available = [one["version"] for one in states if one["state"] == "AVAILABLE"]
        if not available:
            raise Wrong(f"no version is available: {json.dumps(states)}")
        self._version = max(available, key=int)
        return f"available: {', '.join(available)}"

    def metadata(self) -> str:
        """The model tells its inputs, of which rows are made."""
        answer = self._get("/metadata")
        signatures = answer["metadata"]["signature_def"]["signature_def"]
        inputs = signatures["serving_default"]["inputs"]
        outputs = signatures["serving_default"]["outputs"]
        self._row = {name: _row(tensor) for name, tensor in inputs.items()}
        columns = {name: [row] * self._rows for name, row in self._row.items()}
        self._column = columns
        if len(columns) == 1:
            [self._column] = columns.values()
        return f"{', '.join(sorted(inputs))} -> {', '.join(sorted(outputs))}"

    def row_form(self) -> str:
        """As many predictions as instances, and equal ones of equal instances."""
        row: Any = self._row
        if len(self._row) == 1:
            [row] = self._row.values()
        answer = self._predict({"instances": [row] * self._rows})
        self._predictions = answer["predictions"]
        if len(self._predictions) != self._rows:
            raise Wrong(f"{len(self._predictions)} predictions of {self._rows} rows")
        if any(not _near(one, self._predictions[0]) for one in self._predictions):
            raise Wrong("equal instances have different predictions")
        return f"{self._rows} predictions: {json.dumps(self._predictions[0]):.40}"

    def column_form(self) -> str:
        """The same numbers as in row form."""
        outputs = self._predict({"inputs": self._column})["outputs"]
        self._outputs = rows = outputs
        if type(outputs) is dict:
            names = outputs.keys()
            rows = [
                dict(zip(names, values, strict=True))
                for values in zip(*outputs.values(), strict=True)
            ]
        if not _near(rows, self._predictions):
            raise Wrong("outputs differ from the predictions of the row form")
        return "equal to the row form"

    def by_version(self) -> str:
        """The version that the status names answers, too."""
        body = {"inputs": self._column}
        outputs = self._predict(body, f"/versions/{self._version}")["outputs"]
        if not _near(outputs, self._outputs):
            raise Wrong("outputs differ from those of the model without a version")
        return f"version {self._version} answers"

    def refused(self, body: Any, status: int, words: str, path: str = "") -> str:
        """A request is refused with a status, and in words."""
        received, answer = self._server.ask(
            "POST", f"{path or self._path}:predict", body
        )
        message = answer.get("error") if type(answer) is dict else None
        if received != status or type(message) is not str or words not in message:
            raise Wrong(f"expected HTTP {status} {words!r}, {_shown(received, answer)}")
        return f"HTTP {status} {message:.40}"

    def unknown_signature(self) -> str:
        """A signature that there is not is refused by its name."""
        body = {"signature_name": "no_such", "inputs": self._column}
        return self.refused(body, 400, '"no_such" not found in signature def')

    def unknown(self, path: str) -> str:
        """What there is not is refused."""
        return self.refused({"instances": [0]}, 404, "Servable not found", path)

    def _get(self, rest: str) -> Any:
        return _accepted(*self._server.ask("GET", self._path + rest))

    def _predict(self, body: Any, version: str = "") -> Any:
        path = f"{self._path}{version}:predict"
        return _accepted(*self._server.ask("POST", path, body))


def _row(tensor: dict[str, Any]) -> Any:
    """One row of zeros of a tensor; a size that is free becomes 1."""
    value = _VALUES.get(tensor["dtype"], 0)
    sizes = [int(dim["size"]) for dim in tensor["tensor_shape"].get("dim", [])]
    for size in reversed(sizes[1:]):
        value = [value] * (1 if size < 0 else size)
    return value


def _accepted(status: int, answer: Any) -> Any:
    if status != 200:
        raise Wrong(_shown(status, answer))
    return answer


def _shown(status: int, answer: Any) -> str:
    return f"received HTTP {status} {json.dumps(answer):.120}"


def _near(one: Any, other: Any) -> bool:
    """Whether values are equal, as batches of different sizes leave numbers."""
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(map(_near, one, other))
    if type(one) is dict and type(other) is dict:
        return one.keys() == other.keys() and all(_near(one[k], other[k]) for k in one)
    if type(one) is float and type(other) is float:
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-5)
    return bool(one == other)


def main() -> int:
    """Run every check of every model, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="where the server listens: http://127.0.0.1:8501")
    parser.add_argument("models", nargs="+", metavar="model", help="to ask")
    parser.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS")
    options = parser.parse_args()
    if not options.url.startswith(("http://", "https://")):
        parser.error(f"{options.url!r} is no URL such as http://127.0.0.1:8501")
    server = Server(options.url, options.timeout)
    failed = 0
    for model in options.models:
        print(model)
        for name, check in Smoke(server, model).checks():
            try:
                result, words = "ok", check()
            except (OSError, HTTPException) as error:
                print(f"No answer from {options.url}: {error}.", file=sys.stderr)
                return 2
            except (Wrong, KeyError, TypeError) as error:
                missing = "no member " if type(error) is KeyError else ""
                result, words = "FAILED", f"{missing}{error}"
                failed += 1
            print(f"  {result:6}  {name:26}  {words}", flush=True)
    print(f"{failed} check(s) failed." if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
