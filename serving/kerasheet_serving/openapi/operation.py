"""One operation of OpenAPI: what is asked, and all that may be answered."""

from typing import Any

from kerasheet_serving.openapi.schemas import TEXT, Schema

JSON = "application/json"
_REASONS = {
    304: "The client has this already.",
    400: "The request is wrong.",
    401: "The server knows no such API key.",
    404: "There is no such model, version or path.",
    405: "The path is asked by another method.",
    408: "The request did not come in whole in its time.",
    413: "The body or the tensors are too large.",
    499: "The client left before its request was read.",
    500: "The server failed.",
    501: "The protocol has no way to carry this type of number.",
    503: "Too much is asked at once, or the server stops. Ask again.",
    504: "There was no answer in time.",
}
_ON_REQUEST = {
    "Text": {"text/event-stream": {"schema": TEXT}},
    "Inference": {"application/octet-stream": {"schema": TEXT}},
}
_GET = (401, 500, 503, 504)
_POST = (400, 401, 404, 408, 413, 499, 500, 501, 503, 504)


def ask_body(schema: Schema, example: Any = None) -> dict[str, Any]:
    """A body in JSON; with an example, if there is one."""
    media: dict[str, Any] = {"schema": schema}
    if example is not None:
        media["examples"] = {"zeros": {"value": example}}
    return {"required": True, "content": {JSON: media}}


def answer(name: str) -> dict[str, Any]:
    """Content of the schema of a name, and whatever else it can be asked to be."""
    plain = {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return plain | _ON_REQUEST.get(name, {})


def operation(
    tag: str,
    summary: str,
    content: dict[str, Any],
    *errors: int,
    body: dict[str, Any] | None = None,
    parameters: list[Schema] | None = None,
    open_to_all: bool = False,
) -> dict[str, Any]:
    """Describe an operation.

    Args:
        tag: protocol it belongs to.
        summary: what it does.
        content: of an answer of success, by media type.
        errors: statuses besides those that all have of its method, which is POST if
            there is a body.
        body: of the request.
        parameters: of the path and the headers.
        open_to_all: whether it needs no API key.
    """
    statuses = {*(_GET if body is None else _POST), *errors}
    described: dict[str, Any] = {
        "tags": [tag],
        "summary": summary,
        "responses": {
            "200": {"description": "Success.", "content": content},
            **{str(status): _refusal(status) for status in sorted(statuses)},
        },
    }
    if body is not None:
        described["requestBody"] = body
    if parameters:
        described["parameters"] = parameters
    if open_to_all:
        described["security"] = []
    return described


def _refusal(status: int) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _REASONS[status]}
    if status >= 400:
        described["content"] = answer("Error")
    if status == 503:
        described["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait.",
                "schema": {"type": "integer"},
            }
        }
    return described
