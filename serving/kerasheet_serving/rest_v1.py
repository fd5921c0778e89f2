"""TensorFlow Serving's REST protocol: paths, order of checks, status and metadata."""

import json
import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kerasheet_serving.dtypes import TENSORFLOW_NAMES
from kerasheet_serving.errors import InvalidArgument, NotFound
from kerasheet_serving.json_document import (
    check_size,
    decompress,
    parse_object,
    shown,
)
from kerasheet_serving.manifest import TensorSpec
from kerasheet_serving.registry import Registry, Version
from kerasheet_serving.session import Session
from kerasheet_serving.v1_answer import write_predict
from kerasheet_serving.v1_request import read_predict

_SIGNATURE = "serving_default"
_PREDICT = "tensorflow/serving/predict"
_SELECTED = r"(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_SELECTED}:(?P<method>classify|regress|predict)",
    re.IGNORECASE,
)
_GET = re.compile(
    rf"/v1/models(?:/(?P<name>[^/:]+))?{_SELECTED}(?P<metadata>/metadata)?",
    re.IGNORECASE,
)
_OTHER_METHODS = {
    "classify": ("classification", "tensorflow/serving/classify"),
    "regress": ("regression", "tensorflow/serving/regress"),
}


class RestV1:
    """Answers every request below `/v1/`.

    Args:
        registry: the models.
        max_request_bytes: size of the largest body read, also once decompressed.
    """

    def __init__(self, registry: Registry, max_request_bytes: int) -> None:
        self._registry = registry
        self._max_request_bytes = max_request_bytes

    async def answer(self, request: Request, path: str) -> Response:
        """Answer one request for `path`, which begins with `/v1/`.

        Raises:
            ServingError: the request is refused.
        """
        pattern = {"POST": _POST, "GET": _GET}.get(request.method)
        match = pattern.fullmatch(path) if pattern is not None else None
        if match is None:
            raise InvalidArgument(f"Malformed request: {request.method} {path}")
        if request.method == "POST":
            body = await self._read(request)
            encoding = request.headers.get("content-encoding", "")
            content = await run_in_threadpool(self._post, match, body, encoding)
        else:
            content = json.dumps(self._get(match), separators=(",", ":")).encode()
        return Response(content, media_type="application/json")

    async def _read(self, request: Request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            check_size(len(body), self._max_request_bytes)
        return bytes(body)

    def _post(self, match: re.Match[str], body: bytes, encoding: str) -> bytes:
        number = _version_number(match)
        document = parse_object(decompress(body, encoding, self._max_request_bytes))
        signature = document.get("signature_name", _SIGNATURE)
        if type(signature) is not str:
            raise InvalidArgument(
                f"JSON Value: {shown(document)} not formatted correctly. "
                "'signature_name' key must be a string value."
            )
        _, session = self._find(match, number)
        _check_signature(signature or _SIGNATURE, match["method"].lower())
        inputs, rows = read_predict(document, session.manifest.inputs)
        return write_predict(session.run(inputs), rows)

    def _get(self, match: re.Match[str]) -> dict[str, Any]:
        number = _version_number(match)
        if match["name"] is None:
            raise InvalidArgument("Missing model name in request.")
        if match["metadata"]:
            return _metadata(match["name"], *self._find(match, number))
        _refuse_label(match)
        return self._status(match["name"], number)

    def _find(self, match: re.Match[str], number: int | None) -> tuple[int, Session]:
        _refuse_label(match)
        return self._registry.find(match["name"], number)

    def _status(self, name: str, number: int | None) -> dict[str, Any]:
        versions = self._registry.versions(name)
        if not versions:
            raise NotFound(f"Could not find any versions of model {name}")
        chosen = [v for v in versions if number in (None, v.number)]
        if not chosen:
            raise NotFound(f"Could not find version {number} of model {name}")
        return {"model_version_status": [_version_status(v) for v in chosen]}


def _version_number(match: re.Match[str]) -> int | None:
    text = match["version"]
    if text is None:
        return None
    if len(text.lstrip("0")) > 19 or int(text) >= 2**63:
        raise InvalidArgument(f"Failed to convert version: {text} to numeric.")
    return int(text)


def _refuse_label(match: re.Match[str]) -> None:
    if match["label"] is not None:
        raise InvalidArgument(f"Unrecognized servable version label: {match['label']}")


def _check_signature(signature: str, method: str) -> None:
    """Refuse what is not the one signature of every model, which predicts."""
    if method == "predict":
        if signature != _SIGNATURE:
            raise InvalidArgument(
                f'Serving signature name: "{signature}" not found in signature def'
            )
        return
    if signature != _SIGNATURE:
        raise InvalidArgument(f"No signature was found with the name: {signature}")
    kind, expected = _OTHER_METHODS[method]
    raise InvalidArgument(
        f"Expected {kind} signature method_name to be {expected}. Was: {_PREDICT}"
    )


def _version_status(version: Version) -> dict[str, Any]:
    error = version.error
    return {
        "version": str(version.number),
        "state": "AVAILABLE" if error is None else "END",
        "status": {
            "error_code": "OK" if error is None else error.code,
            "error_message": "" if error is None else str(error),
        },
    }


def _metadata(name: str, number: int, session: Session) -> dict[str, Any]:
    signature = {
        "inputs": {spec.name: _tensor_info(spec) for spec in session.manifest.inputs},
        "outputs": {spec.name: _tensor_info(spec) for spec in session.manifest.outputs},
        "method_name": _PREDICT,
    }
    return {
        "model_spec": {"name": name, "signature_name": "", "version": str(number)},
        "metadata": {"signature_def": {"signature_def": {_SIGNATURE: signature}}},
    }


def _tensor_info(spec: TensorSpec) -> dict[str, Any]:
    sizes = ["-1" if isinstance(size, str) else str(size) for size in spec.shape]
    return {
        "dtype": f"DT_{TENSORFLOW_NAMES[spec.dtype].upper()}",
        "tensor_shape": {
            "dim": [{"size": size, "name": ""} for size in sizes],
            "unknown_rank": False,
        },
        "name": f"{spec.name}:0",
    }
