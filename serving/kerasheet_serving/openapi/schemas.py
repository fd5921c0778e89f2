"""What goes into requests and answers, as schemas of JSON (2020-12)."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from kerasheet_serving.dtypes import V2_NAMES
from kerasheet_serving.generation.request import MOST_CHARACTERS, MOST_TOKENS
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v2.inputs import v2_shape

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 1}
ANY_LIST: Schema = {"type": "array", "minItems": 1}
_FEATURES: Schema = {"type": "object", "additionalProperties": True}
_BYTES: Schema = {
    "type": "object",
    "properties": {"b64": {"type": "string", "contentEncoding": "base64"}},
    "required": ["b64"],
    "additionalProperties": False,
}
_EXAMPLE_VALUES = 16  # most that an example of a tensor has


def record(required: dict[str, Schema], **optional: Schema) -> Schema:
    """An object with these members."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
    }


def closed(schema: Schema) -> Schema:
    """An object without other members."""
    return {**schema, "additionalProperties": False}


def number(dtype: str) -> Schema:
    """One value of a type, by NumPy's name; `"str"` is text, or bytes as base64."""
    match np.dtype(dtype).kind:
        case "f":
            largest = float(np.finfo(dtype).max)
            return {"type": "number", "minimum": -largest, "maximum": largest}
        case "i" | "u":
            limits = np.iinfo(dtype)
            least, most = int(limits.min), int(limits.max)
            return {"type": "integer", "minimum": least, "maximum": most}
        case "b":
            return {"type": "boolean"}
        case _:
            return {"anyOf": [TEXT, _BYTES]}


def nested(spec: TensorSpec, axes: int = 0) -> Schema:
    """Lists in lists of a tensor, without its first axes."""
    schema = number(spec.dtype)
    for size in reversed(spec.shape[axes:]):
        fixed = {} if isinstance(size, str) else {"minItems": size, "maxItems": size}
        schema = {"type": "array", "items": schema, "minItems": 1, **fixed}
    return schema


def predict_body(inputs: tuple[TensorSpec, ...]) -> Schema:
    """A request of `:predict` in either format."""
    rows = [_members((spec, nested(spec, 1)) for spec in inputs)]
    columns = [_members((spec, nested(spec)) for spec in inputs)]
    if len(inputs) == 1:
        rows.insert(0, nested(inputs[0], 1))
        columns.insert(0, nested(inputs[0]))
    signature = {"enum": ["", "serving_default"]}
    instances = {"type": "array", "minItems": 1, "items": {"anyOf": rows}}
    return {
        "oneOf": [
            closed(record({"instances": instances}, signature_name=signature)),
            closed(record({"inputs": {"anyOf": columns}}, signature_name=signature)),
        ]
    }


def examples_body(spec: TensorSpec) -> Schema:
    """A request of `:classify` or `:regress` for a model of this input."""
    sizes = [size for size in spec.shape[1:] if not isinstance(size, str)]
    fixed: Schema = {"minItems": 1}
    if len(sizes) == len(spec.shape) - 1:
        fixed = {"minItems": math.prod(sizes), "maxItems": math.prod(sizes)}
    values = {"type": "array", "items": number(spec.dtype), **fixed}
    example = record({spec.name: values})
    return record({"examples": {"type": "array", "minItems": 1, "items": example}})


def infer_body(inputs: tuple[TensorSpec, ...]) -> Schema:
    """A request for inference whose sizes that vary are 1, with data in JSON."""
    tensors = [_tensor(spec) for spec in inputs]
    several: Schema = {
        "type": "array",
        "prefixItems": tensors,
        "items": False,
        "minItems": len(tensors),
    }
    return record({"inputs": several}, id=TEXT)


def example_of(inputs: tuple[TensorSpec, ...]) -> Schema | None:
    """A request of `:predict`; None where it would be long."""
    count = sum(math.prod(_sizes(spec)) for spec in inputs)
    if not inputs or count > _EXAMPLE_VALUES:
        return None
    tensors = {
        spec.name: np.full(
            _sizes(spec), "" if spec.dtype == "str" else 0, spec.dtype
        ).tolist()
        for spec in inputs
    }
    return {"inputs": tensors}


def _members(pairs: Iterable[tuple[TensorSpec, Schema]]) -> Schema:
    return closed(record({spec.name: schema for spec, schema in pairs}))


def _sizes(spec: TensorSpec) -> list[int]:
    return [1 if isinstance(size, str) else size for size in spec.shape]


def _tensor(spec: TensorSpec) -> Schema:
    count = math.prod(_sizes(spec))
    value = TEXT if spec.dtype == "str" else number(spec.dtype)
    return record(
        {
            "name": {"const": spec.name},
            "datatype": {"const": V2_NAMES[spec.dtype]},
            "shape": {"const": _sizes(spec)},
            "data": {
                "type": "array",
                "items": value,
                "minItems": count,
                "maxItems": count,
            },
        }
    ) | {"description": f"of shape {v2_shape(spec)}"}


PREDICT = {
    "oneOf": [
        record({"instances": ANY_LIST}, signature_name=TEXT),
        record({"inputs": {}}, signature_name=TEXT),
    ]
}
EXAMPLES = record(
    {"examples": {**ANY_LIST, "items": _FEATURES}},
    context=_FEATURES,
    signature_name=TEXT,
)
GENERATE = closed(
    record(
        {"prompt": {**TEXT, "minLength": 1, "maxLength": MOST_CHARACTERS}},
        length={**COUNT, "maximum": MOST_TOKENS, "default": 100},
        temperature={"type": "number", "minimum": 0, "default": 1.0},
        top_k={"type": ["integer", "null"], "minimum": 1, "default": None},
        seed={
            "type": "integer",
            "minimum": -(2**31),
            "maximum": 2**31 - 1,
            "default": 0,
        },
        stream={"type": "boolean", "default": False},
    )
)
_ASKED = record(
    {
        "name": TEXT,
        "datatype": {"enum": list(V2_NAMES.values())},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    },
    data={"type": "array"},
    parameters={"type": "object"},
)
INFER = record(
    {"inputs": {"type": "array", "items": _ASKED}},
    id=TEXT,
    parameters={"type": "object"},
    outputs={"type": "array", "items": record({"name": TEXT})},
)
