"""The web application: routes, and errors turned into answers."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, request_response

from kerasheet_serving.errors import NotFound, ServingError
from kerasheet_serving.health import health_routes
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.model_runner import batched
from kerasheet_serving.registry import Registry
from kerasheet_serving.repository import Repository
from kerasheet_serving.request_metrics import RequestMetrics
from kerasheet_serving.request_queue import BatchLimits
from kerasheet_serving.rest_v1 import RestV1
from kerasheet_serving.rest_v2 import v2_routes
from kerasheet_serving.settings import Settings
from kerasheet_serving.watcher import Watched, Watcher

_CLIENT_LEFT = 499


def create_app(settings: Settings) -> Starlette:
    """Load the models of a repository into a web application.

    The application mounts in any ASGI server; its `state.registry` holds the models.
    It takes in what changes on disk from its first request on, or from its start where
    the server tells it of that.

    Args:
        settings: where the models are, and limits on requests.

    Raises:
        RepositoryError: the root of the repository, or the file of settings, cannot be
            read. A model that cannot be loaded raises nothing: it is logged, and
            refused to clients.
    """
    metrics = Metrics()
    limits = BatchLimits(
        settings.batch_rows, settings.batch_delay, settings.waiting_rows
    )
    registry = Registry(
        Repository(settings.repository),
        settings.threads,
        batched(limits, metrics),
        settings.config,
    )
    watcher = Watcher(registry, settings.poll_seconds)
    rest_v1 = RestV1(registry, settings.max_request_bytes)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watcher.start()
        yield
        watcher.stop()

    async def answer_any_method(request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        if path.lower().startswith("/v1/"):
            return await rest_v1.answer(request, path)
        raise NotFound(f"Nothing is served at {path}. Models are below /v1/models/.")

    app = Starlette(
        routes=[
            *health_routes(registry),
            *v2_routes(registry, settings.max_request_bytes),
            Route("/metrics", metrics.answer),
        ],
        exception_handlers=dict.fromkeys(
            (ServingError, HTTPException, ClientDisconnect, Exception), _refuse
        ),
        lifespan=lifespan,
    )
    app.add_middleware(Watched, watcher=watcher)
    app.add_middleware(RequestMetrics, metrics=metrics)
    app.router.default = request_response(answer_any_method)
    app.state.registry = registry
    return app


def _refuse(request: Request, error: Exception) -> Response:
    """Answer an error as TensorFlow Serving does, whatever raised it."""
    headers: Mapping[str, str] | None = None
    status, message = 500, "The server failed; its log says how."
    if isinstance(error, ServingError):
        status, message = error.status, str(error)
        if error.retry_after is not None:
            headers = {"Retry-After": str(error.retry_after)}
    elif isinstance(error, HTTPException):
        status, headers = error.status_code, error.headers
        message = f"{error.detail}: {request.method} {request.scope['path']}"
    elif isinstance(error, ClientDisconnect):
        status, message = _CLIENT_LEFT, "The client left before its request was read."
    body = json.dumps({"error": message}).encode()
    return Response(body, status, headers, media_type="application/json")
