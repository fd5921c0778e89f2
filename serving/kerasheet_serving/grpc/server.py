"""The gRPC server of the Open Inference Protocol, on a port that is held for it."""

from typing import Any

import grpc
import grpc.aio

from kerasheet_serving.grpc.calls import Calls
from kerasheet_serving.grpc.gate import Gate
from kerasheet_serving.grpc.open_inference_pb2_grpc import (
    add_GRPCInferenceServiceServicer_to_server,
)
from kerasheet_serving.grpc_v2 import GrpcV2
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.registry import Registry
from kerasheet_serving.settings import Settings
from kerasheet_serving.web.draining import Draining


def make_server(
    address: str,
    settings: Settings,
    registry: Registry,
    metrics: Metrics,
    draining: Draining,
) -> Any:
    """Make a `grpc.aio.Server` of this event loop, yet to be started.

    A message larger than `max_request_bytes`, also once decompressed, is answered
    RESOURCE_EXHAUSTED by the library.

    Args:
        address: to listen on, and a port.
        settings: limits, keys and the certificate.
        registry: the models.
        metrics: where calls are counted.
        draining: whether the server is about to stop.

    Raises:
        RuntimeError: it cannot listen there.
    """
    server = grpc.aio.server(
        interceptors=[Gate(Calls(settings, metrics))],
        options=[
            ("grpc.max_receive_message_length", settings.max_request_bytes),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 1),  # beside the socket that holds the port
        ],
    )
    service = GrpcV2(registry, draining)
    add_GRPCInferenceServiceServicer_to_server(service, server)
    if settings.tls_cert and settings.tls_key:
        pair = settings.tls_key.read_bytes(), settings.tls_cert.read_bytes()
        server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    else:
        server.add_insecure_port(address)
    return server
