"""Asks a server everything with NVIDIA's client; run by the Python that has it.

Arguments are `http` or `grpc` and the server's address. Prints what was answered as one
JSON object: values, or for what is refused the sentence and the status.
"""

import importlib
import json
import queue
import sys

import numpy as np
from tritonclient.utils import InferenceServerException

PATIENCE = 60


class Asking:
    """One transport of the client; both have the same classes and methods.

    Args:
        transport: `http` or `grpc`.
        address: of the server.
    """

    def __init__(self, transport, address):
        self.module = importlib.import_module(f"tritonclient.{transport}")
        self.address = address
        self.is_http = transport == "http"
        self.client = self.module.InferenceServerClient(address)

    def tensor(self, name, array, datatype, binary=True):
        tensor = self.module.InferInput(name, array.shape, datatype)
        options = {"binary_data": binary} if self.is_http else {}
        tensor.set_data_from_numpy(array, **options)
        return tensor

    def numbers(self, model, array, datatype, binary=True):
        """What a model with one input and one output makes of an array."""
        outputs = None
        if self.is_http:
            outputs = [self.module.InferRequestedOutput("y", binary_data=binary)]
        answer = self.client.infer(
            model,
            [self.tensor("x", array, datatype, binary)],
            outputs=outputs,
            request_id="seven",
        )
        return answer.as_numpy("y")

    def in_json(self):
        """Numbers in JSON over HTTP; over gRPC one by one, in the client's messages."""
        floats = np.array([[2], [3], [4]], np.float32)
        if self.is_http:
            return self.numbers("M", floats, "FP32", binary=False).tolist()
        tensor = self.module.InferInput("x", floats.shape, "FP32")
        tensor._input.contents.fp32_contents.extend([2, 3, 4])
        answer = self.client.infer("M", [tensor]).get_response()
        return [[number] for number in answer.outputs[0].contents.fp32_contents]

    def several(self):
        """A model of two inputs, and one of its two outputs."""
        a, b = np.array([6, 1], np.float32), np.array([7, 2], np.float32)
        answer = self.client.infer(
            "ab",
            [self.tensor("a", a, "FP32"), self.tensor("b", b, "FP32")],
            outputs=[self.module.InferRequestedOutput("product")],
            request_id="seven",
        )
        response = answer.get_response()
        return {
            "product": answer.as_numpy("product").tolist(),
            "sum": answer.as_numpy("sum"),
            "id": response["id"] if self.is_http else response.id,
        }

    def asynchronous(self, count):
        """Several requests that are on their way together."""
        arrays = [np.full((1, 1), 2 * n, np.float32) for n in range(count)]
        tensors = [[self.tensor("x", array, "FP32")] for array in arrays]
        if self.is_http:
            client = self.module.InferenceServerClient(self.address, concurrency=count)
            calls = [client.async_infer("M", one) for one in tensors]
            return [call.get_result().as_numpy("y").item() for call in calls]
        answers = queue.Queue()
        for number, one in enumerate(tensors):
            self.client.async_infer(
                "M",
                one,
                lambda result, error, number=number: answers.put((number, result)),
            )
        found = dict(answers.get(timeout=PATIENCE) for _ in range(count))
        return [found[number].as_numpy("y").item() for number in range(count)]

    def refused(self, model, tensor, version=""):
        try:
            self.client.infer(model, [tensor], model_version=version)
        except InferenceServerException as error:
            return [error.status(), error.message()]
        return None

    def everything(self):
        client = self.client
        floats = np.array([[2], [3], [4]], np.float32)
        integers = np.array([[-1, 2**31 - 1]], np.int32)
        texts = np.array([["Bär", ""]], dtype=object)
        halves = np.array([[0.5, -2]], np.float16)
        as_json = {} if self.is_http else {"as_json": True}
        return {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "model ready": client.is_model_ready("M"),
            "unknown ready": client.is_model_ready("nope"),
            "server": client.get_server_metadata(**as_json)["name"],
            "model": client.get_model_metadata("M", **as_json),
            "json": self.in_json(),
            "FP32": self.numbers("M", floats, "FP32").tolist(),
            "INT32": self.numbers("INT32", integers, "INT32").tolist(),
            "FP16": self.numbers("FP16", halves, "FP16").tolist(),
            "BOOL": self.numbers("BOOL", halves > 0, "BOOL").tolist(),
            "BYTES": [
                [text.decode() for text in row]
                for row in self.numbers("BYTES", texts, "BYTES")
            ],
            "several": self.several(),
            "async": self.asynchronous(8),
            "unknown model": self.refused("nope", self.tensor("x", floats, "FP32")),
            "unknown version": self.refused(
                "M", self.tensor("x", floats, "FP32"), version="2"
            ),
            "wrong input": self.refused("M", self.tensor("z", floats, "FP32")),
            "wrong type": self.refused("M", self.tensor("x", integers, "INT32")),
            "wrong shape": self.refused("M", self.tensor("x", floats[0], "FP32")),
        }


if __name__ == "__main__":
    print(json.dumps(Asking(*sys.argv[1:]).everything()))
