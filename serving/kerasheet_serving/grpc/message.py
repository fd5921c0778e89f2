"""Requests and answers of inference as messages of the Open Inference Protocol.

Tensors are numbers one by one, each in its `contents`, or all of them bytes, beside the
tensors. What is wrong with a request is told in the words of the protocol over REST.
"""

from collections.abc import Mapping
from typing import Any

from kerasheet_serving.dtypes import Array, v2_name
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.grpc.open_inference_pb2 import (
    ModelInferRequest,
    ModelInferResponse,
)
from kerasheet_serving.grpc.tensor import has_field, read_contents, write_contents
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v2.request import InferRequest, read_document
from kerasheet_serving.v2.tensor import read_bytes, write_bytes


def read_message(message: ModelInferRequest, manifest: Manifest) -> InferRequest:
    """Read a request.

    Outputs are wanted as bytes if the inputs are, or the parameters say so.

    Args:
        message: the request.
        manifest: of the model that it names.

    Raises:
        InvalidArgument: it is malformed, or not what the model takes.
    """
    raw = message.raw_input_contents
    if raw and len(raw) != len(message.inputs):
        raise InvalidArgument(
            f"the request has {len(message.inputs)} inputs, but {len(raw)} entries of "
            "'raw_input_contents', which must be as many, or none"
        )
    parameters = {"binary_data_output": bool(raw), **_plain(message.parameters)}
    document: dict[str, Any] = {
        "inputs": [
            {
                "name": tensor.name,
                "datatype": tensor.datatype,
                "shape": [*tensor.shape],
                "parameters": _plain(tensor.parameters),
                "data": _data(message, index),
            }
            for index, tensor in enumerate(message.inputs)
        ],
        "outputs": [
            {"name": tensor.name, "parameters": _plain(tensor.parameters)}
            for tensor in message.outputs
        ],
        "parameters": parameters,
    }
    if message.id:
        document["id"] = message.id
    return read_document(document, message.model_name, manifest, _read)


def write_message(
    request: InferRequest, model: str, number: int, outputs: Mapping[str, Array]
) -> ModelInferResponse:
    """Write the outputs that were asked for.

    Args:
        request: what was asked.
        model: name it was asked by.
        number: of the version that answers.
        outputs: all tensors by name.
    """
    answer = ModelInferResponse(
        model_name=model, model_version=str(number), id=request.id or ""
    )
    arrays = {name: outputs[name] for name in request.outputs}
    raw = any(request.outputs.values()) or not all(
        array.dtype.hasobject or has_field(array.dtype.name)
        for array in arrays.values()
    )
    for name, array in arrays.items():
        answer.outputs.add(
            name=name,
            datatype=v2_name(array),
            shape=array.shape,
            contents=None if raw else write_contents(array),
        )
        if raw:
            answer.raw_output_contents.append(write_bytes(array))
    return answer


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {
        name: (parameter, parameter.WhichOneof("parameter_choice"))
        for name, parameter in parameters.items()
    }
    return {
        name: getattr(parameter, field) if field else None
        for name, (parameter, field) in chosen.items()
    }


def _data(message: ModelInferRequest, index: int) -> Any:
    tensor = message.inputs[index]
    if not message.raw_input_contents:
        return tensor.contents
    if tensor.HasField("contents"):
        raise InvalidArgument(
            f"input '{tensor.name}' has 'contents', and the request "
            "'raw_input_contents'; only one of them may be there"
        )
    return message.raw_input_contents[index]


def _read(tensor: dict[str, Any], spec: TensorSpec, where: str) -> Array:
    data = tensor["data"]
    if isinstance(data, bytes):
        return read_bytes(data, spec.dtype, where)
    return read_contents(data, spec.dtype, where)
