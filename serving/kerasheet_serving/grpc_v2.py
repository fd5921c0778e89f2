"""The Open Inference Protocol over gRPC: health, metadata and inference."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from kerasheet_serving.errors import NotFound
from kerasheet_serving.grpc.calls import Calls
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

Q = TypeVar("Q")
A = TypeVar("A")


def answered(
    method: Callable[["GrpcV2", Q, Served], Awaitable[A]],
) -> Callable[["GrpcV2", Q, Any], Awaitable[A]]:
    """Make a method of the service of one that raises `ServingError`."""

    @wraps(method)
    async def answer(self: "GrpcV2", request: Q, context: Any) -> A:
        size = request.ByteSize()  # type: ignore[attr-defined]
        return await self.calls.answer(
            context, method.__name__, size, lambda served: method(self, request, served)
        )

    return answer


class GrpcV2(GRPCInferenceServiceServicer):
    """Answers calls. An empty version is the newest.

    Args:
        registry: the models.
        draining: whether the server is about to stop.
        calls: what every call gets.
    """

    def __init__(self, registry: Registry, draining: Draining, calls: Calls) -> None:
        self._registry = registry
        self._draining = draining
        self.calls = calls

    @answered
    async def ServerLive(
        self, request: ServerLiveRequest, served: Served
    ) -> ServerLiveResponse:
        """Say that the process runs."""
        return ServerLiveResponse(live=True)

    @answered
    async def ServerReady(
        self, request: ServerReadyRequest, served: Served
    ) -> ServerReadyResponse:
        """Say whether the server is to be sent requests."""
        is_ready = bool(self._registry.serving()) and not self._draining.begun
        return ServerReadyResponse(ready=is_ready)

    @answered
    async def ModelReady(
        self, request: ModelReadyRequest, served: Served
    ) -> ModelReadyResponse:
        """Say whether a model answers."""
        try:
            find_version(self._registry, request.name, request.version or None)
        except NotFound:
            return ModelReadyResponse(ready=False)
        return ModelReadyResponse(ready=True)

    @answered
    async def ServerMetadata(
        self, request: ServerMetadataRequest, served: Served
    ) -> ServerMetadataResponse:
        """Say what this server is."""
        return ServerMetadataResponse(**server_metadata())

    @answered
    async def ModelMetadata(
        self, request: ModelMetadataRequest, served: Served
    ) -> ModelMetadataResponse:
        """Say what a model takes and gives."""
        version = request.version or None
        return ModelMetadataResponse(
            **model_metadata(self._registry, request.name, version)
        )

    @answered
    async def ModelInfer(
        self, request: ModelInferRequest, served: Served
    ) -> ModelInferResponse:
        """Compute the outputs of a model."""
        name, version = request.model_name, request.model_version or None
        with find_version(self._registry, name, version).leased() as model:
            served.model, served.version = name, model.number
            served.method = "infer"
            is_small = request.ByteSize() <= SMALL
            asked = await do(lambda: read_message(request, model.manifest), is_small)
            outputs = await model.compute(asked.inputs)
            is_small = sum(array.size for array in outputs.values()) <= SMALL
            return await do(
                lambda: write_message(asked, name, model.number, outputs), is_small
            )
