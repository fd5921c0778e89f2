"""Answers of inference in the Open Inference Protocol, in JSON and with binary data."""

import json
from collections.abc import Mapping

from kerasheet_serving.dtypes import Array, v2_name
from kerasheet_serving.v2.request import InferRequest
from kerasheet_serving.v2.tensor import write_bytes, write_json


def write_infer(
    request: InferRequest, model: str, number: int, outputs: Mapping[str, Array]
) -> tuple[bytes, int | None]:
    """Write the outputs that were asked for as the body of an answer.

    Args:
        request: what was asked.
        model: name it was asked by.
        number: of the version that answers.
        outputs: all tensors by name.

    Returns:
        The body, and the length of its JSON if bytes follow it.
    """
    tensors = []
    contents = []
    for name, binary in request.outputs.items():
        array = outputs[name]
        if binary:
            contents.append(write_bytes(array))
            data = f'"parameters":{{"binary_data_size":{len(contents[-1])}}}'
        else:
            data = f'"data":{write_json(array)}'
        tensors.append(
            f'{{"name":{_text(name)},"datatype":"{v2_name(array)}",'
            f'"shape":[{",".join(map(str, array.shape))}],{data}}}'
        )
    identity = "" if request.id is None else f'"id":{_text(request.id)},'
    header = (
        f'{{{identity}"model_name":{_text(model)},"model_version":"{number}",'
        f'"outputs":[{",".join(tensors)}]}}'
    ).encode()
    if not contents:
        return header, None
    return b"".join([header, *contents]), len(header)


_text = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` makes one a call
