"""Requests of `:classify` and `:regress`: `{"examples": [{...}], "context"?: {...}}`.

An example is an object of features: lists of numbers or strings, or one. What they have
in common may be in the context.
"""

import math
from typing import Any

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import shown
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v1.json_tensor import is_base64, read_tensor, type_name

Feature = tuple[str, list[Any]]
"""What its values are, `int64`, `float` or `bytes`, and the values."""

Example = dict[str, Feature]

_WORDS = {"bytes": "string", "float": "float", "int64": "int64"}


def read_examples(document: dict[str, Any]) -> list[Example]:
    """Take the examples out of a request, each with the context's features too.

    Raises:
        InvalidArgument: there are none, or one is malformed.
    """
    context = _example(document["context"]) if "context" in document else {}
    problem = None
    examples = document.get("examples")
    if "examples" not in document:
        problem = (
            "When method is classify, key 'examples' is expected and was not found"
        )
    elif type(examples) is not list:
        problem = "Expecting 'examples' value to be an list/array"
    elif not examples:
        problem = "'examples' value is an empty array"
    if problem is not None or examples is None:
        raise InvalidArgument(f"JSON Value: {shown(document)} {problem}")
    return [context | _example(value) for value in examples]


def example_tensor(examples: list[Example], spec: TensorSpec) -> Array:
    """Make the input of a model of the features of its name.

    Whole numbers are taken for the floating-point numbers that they are, which
    TensorFlow refuses.

    Args:
        examples: of a request.
        spec: of the input, of whose sizes but the first one at most varies.

    Raises:
        InvalidArgument: an example has no such feature, or one that does not fit.
    """
    rows = [_row(index, example, spec) for index, example in enumerate(examples)]
    sizes = {len(row) for row in rows}
    if len(sizes) > 1:
        raise InvalidArgument(
            f"Key: {spec.name}.  Examples have different numbers of values: "
            f"{', '.join(map(str, sorted(sizes)))}"
        )
    shape = [-1 if isinstance(size, str) else size for size in spec.shape[1:]]
    return _array(rows, spec).reshape(len(rows), *shape)


def _example(value: Any) -> Example:
    if type(value) is not dict:
        raise InvalidArgument(
            f"Example must be JSON object but got JSON {type_name(value)}"
        )
    return {
        name: _feature(name, content if type(content) is list else [content])
        for name, content in value.items()
    }


def _feature(name: str, values: list[Any]) -> Feature:
    feature_kind = ""
    for value in values:
        kind = _kind(name, value)
        if kind != (feature_kind or kind):
            raise InvalidArgument(
                f"Unexpected element type in feature: {name} expecting type: "
                f"{feature_kind}"
            )
        feature_kind = kind
    if feature_kind == "float":
        read_tensor(values, "float32")  # refuses what no float32 holds
    elif feature_kind == "bytes":
        values = list(read_tensor(values, "str"))
    return feature_kind, values


def _kind(name: str, value: Any) -> str:
    if type(value) is float or (type(value) is int and not -(2**63) <= value < 2**64):
        return "float"
    if type(value) is int and value >= 2**63:
        raise InvalidArgument(
            f"Feature: {name} has uint64 element. Only int64 is supported."
        )
    if type(value) in (bool, int):
        return "int64"
    if type(value) is str or is_base64(value):
        return "bytes"
    raise InvalidArgument(
        f"Feature: {name} has element with unexpected JSON type: {type_name(value)}"
    )


def _row(index: int, example: Example, spec: TensorSpec) -> list[Any]:
    """The values of one example, in the words of TensorFlow's parser."""
    kind, values = example.get(spec.name, ("", []))
    expected = _feature_kind(spec)
    if not values:
        raise InvalidArgument(
            f"Name: <unknown>, Feature: {spec.name} (data type: {_WORDS[expected]}) is "
            "required but could not be found."
        )
    where = f"Name: <unknown>, Key: {spec.name}, Index: {index}."
    if kind != expected and (kind, expected) != ("int64", "float"):
        raise InvalidArgument(
            f"{where}  Data types don't match. Data type: {_WORDS[kind]} but expected "
            f"type: {_WORDS[expected]}"
        )
    known = math.prod(size for size in spec.shape[1:] if not isinstance(size, str))
    varies = any(isinstance(size, str) for size in spec.shape[1:])
    if len(values) % max(known, 1) if varies else len(values) != known:
        shape = ",".join("?" if isinstance(d, str) else str(d) for d in spec.shape[1:])
        raise InvalidArgument(
            f"{where}  Number of {_WORDS[expected]} values != expected.  Values size: "
            f"{len(values)} but output shape: [{shape}]"
        )
    return values


def _feature_kind(spec: TensorSpec) -> str:
    if spec.dtype == "str":
        return "bytes"
    return "float" if spec.dtype.startswith("float") else "int64"


def _array(rows: list[list[Any]], spec: TensorSpec) -> Array:
    if spec.dtype in ("str", "bool"):
        return np.array(rows, "object" if spec.dtype == "str" else "bool")
    array = np.array(rows, "float64" if spec.dtype.startswith("float") else "int64")
    with np.errstate(over="ignore"):
        narrow = array.astype(spec.dtype)
    if array.dtype.kind == "i" and (narrow != array).any():
        raise InvalidArgument(f"Key: {spec.name}.  Values do not fit {spec.dtype}")
    return narrow
