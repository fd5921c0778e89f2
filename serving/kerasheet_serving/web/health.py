"""Liveness and readiness, at the Open Inference Protocol's paths."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kerasheet_serving.registry import Registry
from kerasheet_serving.web.draining import Draining


def health_routes(registry: Registry, draining: Draining) -> list[Route]:
    """Routes that say whether the process runs, and whether it is to be sent requests.

    It is ready as long as any model serves: one that is published broken takes no other
    out of service. Whether a certain model is ready is for that model's own route.
    """

    async def live(request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(request: Request) -> Response:
        is_ready = bool(registry.serving()) and not draining.begun
        return JSONResponse({"ready": is_ready}, 200 if is_ready else 503)

    return [Route("/v2/health/live", live), Route("/v2/health/ready", ready)]
