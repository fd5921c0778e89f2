"""The web application: routes, and errors turned into answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, request_response

from kerasheet_serving.errors import NotFound
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.model_runner import batched
from kerasheet_serving.openapi.routes import openapi_routes
from kerasheet_serving.page.routes import page_routes
from kerasheet_serving.registry import Registry
from kerasheet_serving.repository import Repository
from kerasheet_serving.request_queue import BatchLimits
from kerasheet_serving.rest_v1 import RestV1
from kerasheet_serving.rest_v2 import v2_routes
from kerasheet_serving.settings import Settings
from kerasheet_serving.v2.repository import repository_routes
from kerasheet_serving.watcher import Watched, Watcher
from kerasheet_serving.web.draining import Draining
from kerasheet_serving.web.health import health_routes
from kerasheet_serving.web.key_check import KeyCheck
from kerasheet_serving.web.paths import path_of
from kerasheet_serving.web.prefix_route import PrefixRoute
from kerasheet_serving.web.refusals import REFUSED, refuse
from kerasheet_serving.web.request_context import RequestContext
from kerasheet_serving.web.request_limits import RequestLimits

_CLOSE_SECONDS = 1.0  # at the end; by then the server has answered all it had
_CLIENT_HEADERS = (
    "Authorization",
    "Content-Type",
    "Inference-Header-Content-Length",
    "X-API-Key",
    "X-Request-ID",
)
_ANSWER_HEADERS = ("Inference-Header-Content-Length", "Retry-After", "X-Request-ID")


def create_app(settings: Settings) -> Starlette:
    """Load the models of a repository into a web application.

    The application mounts in any ASGI server; its `state.registry` holds the models,
    which `state.watcher` reads again, and `state.draining.begin()` tells it that the
    server is about to stop.
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
        batched(limits, metrics, settings.max_tensor_bytes, settings.texts),
        settings.config,
    )
    draining = Draining()
    watcher = Watcher(registry, settings.poll_seconds)
    rest_v1 = RestV1(
        registry,
        settings.max_request_bytes,
        settings.max_tensor_bytes,
        settings.request_seconds,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watcher.start()
        telling = asyncio.create_task(metrics.keep_fresh())
        yield
        telling.cancel()
        draining.begin()
        await watcher.close(_CLOSE_SECONDS)

    async def answer_v1(request: Request) -> Response:
        return await rest_v1.answer(request, path_of(request.scope))

    async def refuse_path(request: Request) -> Response:
        path = path_of(request.scope)
        raise NotFound(f"Nothing is served at {path}. Models are below /v1/models/.")

    app = Starlette(
        routes=[
            PrefixRoute("/v1/", answer_v1),
            *v2_routes(registry, settings.max_request_bytes),
            *health_routes(registry, draining),
            *repository_routes(registry, watcher),
            Route("/metrics", metrics.answer),
            *openapi_routes(registry),
            *page_routes(registry),
        ],
        exception_handlers=dict.fromkeys(REFUSED, refuse),
        lifespan=lifespan,
    )
    app.add_middleware(Watched, watcher=watcher)
    if settings.api_keys:
        app.add_middleware(KeyCheck, hashes=settings.api_keys)
    if settings.cors_origins:
        _allow(app, settings.cors_origins)
    app.add_middleware(RequestLimits, settings=settings)
    app.add_middleware(RequestContext, draining=draining, metrics=metrics)
    app.router.redirect_slashes = False  # no client of either protocol follows it
    app.router.default = request_response(refuse_path)
    app.state.registry = registry
    app.state.watcher = watcher
    app.state.metrics = metrics
    app.state.draining = draining
    return app


def _allow(app: Starlette, origins: tuple[str, ...]) -> None:
    """Let pages of some origins ask, and read the answers."""
    from starlette.middleware.cors import CORSMiddleware

    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=_CLIENT_HEADERS,
        expose_headers=_ANSWER_HEADERS,
    )
