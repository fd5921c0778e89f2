"""gRPC of an application, served from a thread of this process to its real clients."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import grpc

from kerasheet_serving.grpc.open_inference_pb2 import ModelInferRequest
from kerasheet_serving.grpc.open_inference_pb2_grpc import GRPCInferenceServiceStub
from kerasheet_serving.grpc.start import hold_port, serving_grpc


class Service:
    """Calls the service; `address` is where it listens, `loop` where it runs."""

    def __init__(self, address, loop, credentials=None):
        wait_for(address)
        self.address = address
        self.loop = loop
        if credentials is None:
            self.channel = grpc.insecure_channel(address)
        else:
            self.channel = grpc.secure_channel(address, credentials)
        grpc.channel_ready_future(self.channel).result(30)
        self.stub = GRPCInferenceServiceStub(self.channel)

    def __getattr__(self, method):
        return getattr(self.stub, method)

    def refused(self, method, request, **options):
        """Call what is to be refused; returns the name of the code and the sentence."""
        try:
            answer = getattr(self.stub, method)(request, **options)
        except grpc.RpcError as error:
            return error.code().name, error.details()
        raise AssertionError(answer)


def wait_for(address, patience=30):
    """Wait until a server listens; a channel would try again only after a second."""
    host, port = address.rsplit(":", 1)
    end = time.monotonic() + patience
    while True:
        try:
            socket.create_connection((host, int(port))).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.005)


@contextmanager
def grpc_of(app, settings, credentials=None):
    """Serve an application that `create_app` made of the settings."""
    holder = hold_port(settings)
    host, port = holder.getsockname()
    loop, ended = asyncio.new_event_loop(), asyncio.Event()

    async def serve():
        async with serving_grpc(holder, app, settings):
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        service = Service(f"{host}:{port}", loop, credentials)
        yield service
        service.channel.close()
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def infer(model="M", version="", tensors=None, raw=(), **members):
    """A request for inference; tensors are name, type, shape and contents by field."""
    if tensors is None:
        tensors = [("x", "FP32", [3, 1], {"fp32_contents": [2, 3, 4]})]
    request = ModelInferRequest(model_name=model, model_version=version, **members)
    for name, datatype, shape, contents in tensors:
        request.inputs.add(
            name=name, datatype=datatype, shape=shape, contents=contents or None
        )
    request.raw_input_contents.extend(raw)
    return request
