"""Errors turned into answers, as TensorFlow Serving does, whatever raised them."""

import json
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kerasheet_serving.errors import RequestTimeout, ServingError, Unauthenticated

_CLIENT_LEFT = 499


def refusal(error: Exception, where: str) -> Response:
    """The answer to a request that raised an error.

    Args:
        error: that was raised.
        where: method and path of the request.
    """
    headers: Mapping[str, str] | None = None
    status, message = 500, "The server failed; its log says how."
    if isinstance(error, ServingError):
        status, message, headers = error.status, str(error), _headers(error)
    elif isinstance(error, HTTPException):
        status, headers = error.status_code, error.headers
        message = f"{error.detail}: {where}"
    elif isinstance(error, ClientDisconnect):
        status, message = _CLIENT_LEFT, "The client left before its request was read."
    body = json.dumps({"error": message}).encode()
    return Response(body, status, headers, media_type="application/json")


def refuse(request: Request, error: Exception) -> Response:
    """Answer an error that an endpoint raised."""
    return refusal(error, f"{request.method} {request.scope['path']}")


REFUSED = (ServingError, HTTPException, ClientDisconnect)
"""Errors that endpoints raise on purpose, or that are the client's doing."""


def _headers(error: ServingError) -> dict[str, str]:
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RequestTimeout):
        headers["Connection"] = "close"
    return headers
