"""The Open Inference Protocol over REST: metadata and inference."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kerasheet_serving.manifest import Manifest
from kerasheet_serving.registry import Registry
from kerasheet_serving.servable import Servable
from kerasheet_serving.v2.answer import write_infer
from kerasheet_serving.v2.models import find_version, model_metadata, server_metadata
from kerasheet_serving.v2.request import HEADER_LENGTH, InferRequest, read_infer
from kerasheet_serving.web.served import note_served
from kerasheet_serving.web.work import SMALL, do, read_body

_MODEL = "/v2/models/{name}"
_VERSION = _MODEL + "/versions/{version}"


def v2_routes(registry: Registry, max_request_bytes: int) -> list[Route]:
    """Routes of the protocol, but for those of health. They raise `ServingError`.

    Args:
        registry: the models.
        max_request_bytes: size of the largest body read, also once decompressed.
    """
    rest = RestV2(registry, max_request_bytes)
    paths = (_MODEL, _VERSION)
    return [  # what is asked most comes first: every route is tried in turn
        *(Route(f"{path}/infer", rest.infer, methods=["POST"]) for path in paths),
        *(Route(f"{path}/ready", rest.model_ready) for path in paths),
        *(Route(path, rest.model) for path in paths),
        Route("/v2", rest.server),
    ]


class RestV2:
    """Answers requests; the arguments are those of `v2_routes`."""

    def __init__(self, registry: Registry, max_request_bytes: int) -> None:
        self._registry = registry
        self._max_request_bytes = max_request_bytes

    async def server(self, request: Request) -> Response:
        """Say what this server is."""
        return JSONResponse(server_metadata("binary_tensor_data", "model_repository"))

    async def model(self, request: Request) -> Response:
        """Say what a model takes and gives."""
        return JSONResponse(model_metadata(self._registry, *_named(request)))

    async def model_ready(self, request: Request) -> Response:
        """Say that a model answers; otherwise it is not found."""
        self._find(request)
        return JSONResponse({"name": request.path_params["name"], "ready": True})

    async def infer(self, request: Request) -> Response:
        """Compute the outputs of a model."""
        name = request.path_params["name"]
        body = await read_body(request, self._max_request_bytes)
        json_end = request.headers.get(HEADER_LENGTH)

        def read(manifest: Manifest) -> InferRequest:
            return read_infer(body, json_end, name, manifest)

        is_small = len(body) <= SMALL
        with self._find(request).leased() as model:
            note_served(request.scope, name, model.number, "infer")
            asked = await do(lambda: read(model.manifest), is_small)
            outputs = await model.compute(asked.inputs)
            is_small = sum(array.size for array in outputs.values()) <= SMALL
            content, json_length = await do(
                lambda: write_infer(asked, name, model.number, outputs), is_small
            )
        if json_length is None:
            return Response(content, media_type="application/json")
        headers = {HEADER_LENGTH: str(json_length)}
        return Response(content, 200, headers, "application/octet-stream")

    def _find(self, request: Request) -> Servable:
        """The version that a path names, or the newest."""
        return find_version(self._registry, *_named(request))


def _named(request: Request) -> tuple[str, str | None]:
    return request.path_params["name"], request.path_params.get("version")
