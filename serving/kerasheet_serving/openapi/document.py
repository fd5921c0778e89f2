"""The whole description of the server in OpenAPI 3.1: every path, every answer."""

from importlib.metadata import version
from typing import Any

from kerasheet_serving.openapi.answers import ANSWERS
from kerasheet_serving.openapi.models import model_paths
from kerasheet_serving.openapi.operation import JSON, answer, ask_body, operation
from kerasheet_serving.openapi.schemas import (
    COUNT,
    EXAMPLES,
    GENERATE,
    INFER,
    PREDICT,
    TEXT,
    Schema,
    record,
)
from kerasheet_serving.registry import Registry

V1, V2, REPOSITORY, WATCH, PAGE = (
    "TensorFlow Serving",
    "Open Inference Protocol",
    "model repository",
    "operations",
    "page",
)


def describe(registry: Registry) -> dict[str, Any]:
    """Describe the server, with the models that it serves now."""
    names = sorted(registry.serving())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kerasheet-serving",
            "summary": "ONNX models over TensorFlow Serving's REST protocol and the "
            "Open Inference Protocol",
            "version": version("kerasheet-serving"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "."}],
        "paths": {
            **_v1(names),
            **_v2(names),
            **_repository(names),
            **_others(),
            **model_paths(registry, names, V1, V2),
        },
        "components": {
            "schemas": ANSWERS,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
        "security": [{}, {"bearer": []}, {"header": []}],
    }


def _name(names: list[str]) -> Schema:
    """A model's name: those that serve now, if any does."""
    any_name = {**TEXT, "pattern": "^[A-Za-z0-9_.-]+$"}
    return _in_path("name", {"enum": names} if names else any_name)


def _in_path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


_VERSION = _in_path("version", {**COUNT, "maximum": 10**18 - 1})
_LABEL = _in_path("label", {**TEXT, "pattern": "^[A-Za-z0-9_.-]+$"})


def _v1(names: list[str]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    base = "/v1/models/{name}"
    for suffix, which in (
        ("", []),
        ("/versions/{version}", [_VERSION]),
        ("/labels/{label}", [_LABEL]),
    ):
        path, parameters = base + suffix, [_name(names), *which]
        posts: list[tuple[str, str, Schema, dict[str, Any]]] = [
            ("predict", "Compute the outputs.", PREDICT, answer("Predictions")),
            ("classify", "Score every class.", EXAMPLES, answer("Results")),
            ("regress", "Give a number for each.", EXAMPLES, answer("Results")),
            ("generate", "Go on with a text.", GENERATE, answer("Text")),
        ]
        paths[path] = {
            "get": operation(
                V1, "Tell states.", answer("Status"), 400, 404, parameters=parameters
            )
        }
        paths[f"{path}/metadata"] = {
            "get": operation(
                V1,
                "Tell inputs and outputs.",
                answer("Signatures"),
                400,
                404,
                parameters=parameters,
            )
        }
        for method, summary, schema, content in posts:
            body = ask_body(schema)
            paths[f"{path}:{method}"] = {
                "post": operation(
                    V1, summary, content, body=body, parameters=parameters
                )
            }
    return paths


def _v2(names: list[str]) -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/v2": {"get": operation(V2, "Tell what serves.", answer("Server"))},
    }
    for word in ("live", "ready"):
        paths[f"/v2/health/{word}"] = {
            "get": operation(
                WATCH,
                f"Tell whether it is {word}.",
                answer(word.title()),
                open_to_all=True,
            )
        }
    paths["/v2/health/ready"]["get"]["responses"]["503"]["content"] = answer("Ready")
    length = {
        "name": "Inference-Header-Content-Length",
        "in": "header",
        "description": "Where the JSON ends and bytes of tensors begin.",
        "schema": {"type": "integer", "minimum": 0},
    }
    for suffix, which in (("", []), ("/versions/{version}", [_VERSION])):
        path, parameters = "/v2/models/{name}" + suffix, [_name(names), *which]
        for end, summary, content in (
            ("", "Tell what it takes and gives.", answer("Model")),
            ("/ready", "Tell whether it answers.", answer("ModelReady")),
        ):
            paths[path + end] = {
                "get": operation(V2, summary, content, 404, parameters=parameters)
            }
        body = ask_body(INFER)
        body["content"]["application/octet-stream"] = {"schema": {"type": "string"}}
        paths[f"{path}/infer"] = {
            "post": operation(
                V2,
                "Compute the outputs.",
                answer("Inference"),
                body=body,
                parameters=[*parameters, length],
            )
        }
    return paths


def _repository(names: list[str]) -> dict[str, Any]:
    base, parameters = "/v2/repository", [_name(names)]
    index = ask_body(record({}, ready={"type": "boolean"}))
    index["required"] = False
    load = ask_body(record({}, parameters={"type": "object", "maxProperties": 0}))
    load["required"] = False
    paths = {
        f"{base}/index": {
            "post": operation(
                REPOSITORY, "List all versions.", answer("Index"), body=index
            )
        }
    }
    for word, summary in (
        ("load", "Look at the disk now."),
        ("unload", "Is refused: what the repository holds is served."),
    ):
        paths[f"{base}/models/{{name}}/{word}"] = {
            "post": operation(
                REPOSITORY, summary, answer("Nothing"), body=load, parameters=parameters
            )
        }
    return paths


def _others() -> dict[str, Any]:
    html = {"text/html": {"schema": TEXT}}
    text = {"text/plain": {"schema": TEXT}}
    metrics = text | {"application/openmetrics-text": {"schema": TEXT}}
    files = {kind: {"schema": TEXT} for kind in ("text/css", "text/javascript")}
    files |= html | {"image/svg+xml": {"schema": TEXT}}
    file = _in_path("file", {**TEXT, "pattern": "^[a-z._-]+$"})
    document = operation(WATCH, "Describe the server.", answer("Document"))
    document["responses"]["200"]["content"] = {JSON: answer("Document")[JSON]}
    return {
        "/metrics": {"get": operation(WATCH, "Tell counts and times.", metrics)},
        "/openapi.json": {"get": document},
        "/models": {"get": operation(PAGE, "List all models.", answer("Models"), 304)},
        "/": {
            "get": operation(PAGE, "Show the page.", html, 304, open_to_all=True),
        },
        "/page/{file}": {
            "get": operation(
                PAGE,
                "A part of the page.",
                files,
                304,
                404,
                parameters=[file],
                open_to_all=True,
            ),
        },
    }
