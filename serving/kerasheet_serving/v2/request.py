"""Requests for inference in the Open Inference Protocol, in JSON and with binary data.

With binary data, the body is JSON and then the bytes of the inputs that have a
`binary_data_size`, in their order; a header tells where the JSON ends.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import parse_object
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.v2.data import BodyData
from kerasheet_serving.v2.flat_numbers import read_flat
from kerasheet_serving.v2.inputs import Inputs, ReadData, listed
from kerasheet_serving.v2.json_member import member, objects

HEADER_LENGTH = "Inference-Header-Content-Length"


@dataclass(frozen=True)
class InferRequest:
    """What is asked of a model.

    Args:
        id: to be given back; None if there is none.
        inputs: tensors by name.
        outputs: tensors that are wanted, in this order, and which of them as bytes.
    """

    id: str | None
    inputs: Mapping[str, Array]
    outputs: Mapping[str, bool]


def read_infer(
    body: bytes, header_length: str | None, model: str, manifest: Manifest
) -> InferRequest:
    """Read the body of a request.

    Args:
        body: decompressed.
        header_length: value of the header that tells where the JSON ends; None if it
            was not sent.
        model: name it was asked by.
        manifest: of the model.

    Raises:
        InvalidArgument: it is malformed, or not what the model takes.
    """
    size = _header_size(header_length, len(body))
    text = body[:size]
    is_whole = size == len(body)  # else it hardly has numbers, and few members
    document = (is_whole and read_flat(text, manifest.inputs)) or parse_object(text)
    data = BodyData(body[size:])
    request = read_document(document, model, manifest, data.read)
    data.check_all_read(model)
    return request


def read_document(
    document: dict[str, Any], model: str, manifest: Manifest, read: ReadData
) -> InferRequest:
    """Read a request.

    Args:
        document: its JSON object, or what has the same members.
        model: name it was asked by.
        manifest: of the model.
        read: finds the data of an input.

    Raises:
        InvalidArgument: it is malformed, or not what the model takes.
    """
    inputs = Inputs(model, manifest.inputs, read)
    for tensor in objects(document, "inputs", "the request"):
        inputs.add(tensor)
    return InferRequest(
        member(document, "id", str, "the request") if "id" in document else None,
        inputs.complete(),
        _outputs(document, model, [spec.name for spec in manifest.outputs]),
    )


def _header_size(text: str | None, length: int) -> int:
    if text is None:
        return length
    if not re.fullmatch("[0-9]{1,18}", text) or int(text) > length:
        raise InvalidArgument(
            f"{HEADER_LENGTH} must be a number of bytes, up to the {length} of the "
            f"body, received {text!r}"
        )
    return int(text)


def _outputs(document: dict[str, Any], model: str, names: list[str]) -> dict[str, bool]:
    parameters = member(document, "parameters", dict, "the request", {})
    binary = member(parameters, "binary_data_output", bool, "the request", False)
    wanted: dict[str, bool] = {}
    for tensor in objects(document, "outputs", "the request"):
        name = member(tensor, "name", str, "an output")
        if name not in names or name in wanted:
            again = " for the second time" if name in wanted else ""
            raise InvalidArgument(
                f"unexpected inference output '{name}'{again} for model '{model}', "
                f"which gives {listed(names)}"
            )
        where = f"output '{name}'"
        parameters = member(tensor, "parameters", dict, where, {})
        for unknown in ("classification", "shared_memory_region"):
            if unknown in parameters:
                raise InvalidArgument(f"{where} cannot be given with {unknown!r}")
        wanted[name] = member(parameters, "binary_data", bool, where, binary)
    return wanted or dict.fromkeys(names, binary)
