"""The Open Inference Protocol's extension for what the model repository holds."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kerasheet_serving.errors import InvalidArgument, Unavailable
from kerasheet_serving.json_document import parse_object
from kerasheet_serving.registry import Registry
from kerasheet_serving.v2.json_member import member
from kerasheet_serving.version import Version
from kerasheet_serving.watcher import Watcher
from kerasheet_serving.web.work import read_body

_PATH = "/v2/repository"
_MODEL = _PATH + "/models/{name}"
_MOST_BYTES = 64 * 1024


def repository_routes(registry: Registry, watcher: Watcher) -> list[Route]:
    """Routes to list all versions, and to look at the disk now. They raise errors.

    Args:
        registry: the models.
        watcher: what looks.
    """

    async def index(request: Request) -> Response:
        asked = await _document(request)
        only_ready = member(asked, "ready", bool, "the request", False)
        versions = [
            _described(name, version)
            for name in registry.names()
            for version in registry.states(name)
        ]
        ready = [one for one in versions if one["state"] == "READY"]
        return JSONResponse(ready if only_ready else versions)

    async def load(request: Request) -> Response:
        name = request.path_params["name"]
        asked = await _document(request)
        if member(asked, "parameters", dict, "the request", {}):
            raise InvalidArgument(
                f"failed to load '{name}': it is loaded as it is on disk, without "
                "'parameters'"
            )
        problem = await watcher.look()
        watcher.tell_others()
        if problem:
            raise Unavailable(f"failed to load '{name}': {problem}")
        versions = registry.versions(name)
        if not any(version.servable for version in versions):
            reason = (
                versions[0].error if versions else "the repository has no such model"
            )
            raise InvalidArgument(f"failed to load '{name}': {reason}")
        return JSONResponse({})

    async def unload(request: Request) -> Response:
        name = request.path_params["name"]
        raise InvalidArgument(
            f"failed to unload '{name}': what the repository holds is served. Take its "
            "directory away, or name the versions that serve in the file of settings."
        )

    return [
        Route(f"{_PATH}/index", index, methods=["POST"]),
        Route(f"{_MODEL}/load", load, methods=["POST"]),
        Route(f"{_MODEL}/unload", unload, methods=["POST"]),
    ]


async def _document(request: Request) -> dict[str, Any]:
    body = await read_body(request, _MOST_BYTES)
    return parse_object(body) if body.strip() else {}


def _described(name: str, version: Version) -> dict[str, str]:
    return {
        "name": name,
        "version": str(version.number),
        "state": version.repository_state,
        "reason": version.reason,
    }
