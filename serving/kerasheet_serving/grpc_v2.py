"""The Open Inference Protocol over gRPC: health, metadata and inference."""

from kerasheet_serving.errors import NotFound
from kerasheet_serving.grpc.message import read_message, write_message
from kerasheet_serving.grpc.open_inference_pb2 import (
    ModelInferRequest,
    ModelInferResponse,
    ModelMetadataRequest,
    ModelMetadataResponse,
    ModelReadyRequest,
    ModelReadyResponse,
    ServerLiveRequest,
    ServerLiveResponse,
    ServerMetadataRequest,
    ServerMetadataResponse,
    ServerReadyRequest,
    ServerReadyResponse,
)
from kerasheet_serving.grpc.open_inference_pb2_grpc import GRPCInferenceServiceServicer
from kerasheet_serving.registry import Registry
from kerasheet_serving.v2.models import find_version, model_metadata, server_metadata
from kerasheet_serving.web.draining import Draining
from kerasheet_serving.web.served import Served
from kerasheet_serving.web.work import SMALL, do


class GrpcV2(GRPCInferenceServiceServicer):
    """Answers messages, which `Calls` reads. An empty version is the newest.

    Every method raises `ServingError`, and is given a `Served` where the library's own
    would have a context.

    Args:
        registry: the models.
        draining: whether the server is about to stop.
    """

    def __init__(self, registry: Registry, draining: Draining) -> None:
        self._registry = registry
        self._draining = draining

    async def ServerLive(
        self, request: ServerLiveRequest, served: Served
    ) -> ServerLiveResponse:
        """Say that the process runs."""
        return ServerLiveResponse(live=True)

    async def ServerReady(
        self, request: ServerReadyRequest, served: Served
    ) -> ServerReadyResponse:
        """Say whether the server is to be sent requests."""
        is_ready = bool(self._registry.serving()) and not self._draining.begun
        return ServerReadyResponse(ready=is_ready)

    async def ModelReady(
        self, request: ModelReadyRequest, served: Served
    ) -> ModelReadyResponse:
        """Say whether a model answers."""
        try:
            find_version(self._registry, request.name, request.version or None)
        except NotFound:
            return ModelReadyResponse(ready=False)
        return ModelReadyResponse(ready=True)

    async def ServerMetadata(
        self, request: ServerMetadataRequest, served: Served
    ) -> ServerMetadataResponse:
        """Say what this server is."""
        return ServerMetadataResponse(**server_metadata())

    async def ModelMetadata(
        self, request: ModelMetadataRequest, served: Served
    ) -> ModelMetadataResponse:
        """Say what a model takes and gives."""
        version = request.version or None
        return ModelMetadataResponse(
            **model_metadata(self._registry, request.name, version)
        )

    async def ModelInfer(
        self, request: ModelInferRequest, served: Served
    ) -> ModelInferResponse:
        """Compute the outputs of a model."""
        name, version = request.model_name, request.model_version or None
        with find_version(self._registry, name, version).leased() as model:
            served.model, served.version = name, model.number
            served.method = "infer"
            is_small = served.size <= SMALL
            asked = await do(lambda: read_message(request, model.manifest), is_small)
            outputs = await model.compute(asked.inputs)
            is_small = sum(array.size for array in outputs.values()) <= SMALL
            return await do(
                lambda: write_message(asked, name, model.number, outputs), is_small
            )
