"""Requests of `:predict`, in TensorFlow Serving's row and column formats.

Row: `{"instances": [...]}`, one element per instance. Column: `{"inputs": ...}`, one
list per tensor.
"""

from typing import Any

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument, ServingError
from kerasheet_serving.json_document import shown
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v1.json_tensor import (
    is_base64,
    narrowed,
    read_regular,
    read_tensor,
)

Specs = tuple[TensorSpec, ...]


def read_predict(
    document: dict[str, Any], specs: Specs
) -> tuple[dict[str, Array], bool]:
    """Take the input tensors out of a request.

    Args:
        document: the request's JSON object.
        specs: inputs of the model.

    Returns:
        The tensors by name, and whether the request is in row format.

    Raises:
        InvalidArgument: the request is in neither format, or a value does not fit.
    """
    if not specs:
        raise InvalidArgument("Failed to get input map for signature: DEFAULT")
    if "instances" not in document:
        if "inputs" not in document:
            raise InvalidArgument("Missing 'inputs' or 'instances' key")
        return _read_columns(document["inputs"], specs), False
    instances = document["instances"]
    problem = None
    if "inputs" in document:
        problem = (
            "Not formatted correctly expecting only one of 'inputs' or 'instances' "
            "keys to exist "
        )
    elif type(instances) is not list:
        problem = "Expecting 'instances' to be an list/array"
    elif not instances:
        problem = "No values in 'instances' array"
    if problem is not None:
        raise InvalidArgument(f"JSON Value: {shown(document)} {problem}")
    return _read_rows(instances, specs), True


def read_numbers(
    key: str, numbers: Array, specs: Specs
) -> tuple[dict[str, Array], bool] | None:
    """Take the one input tensor out of a request that is a list of numbers.

    Args:
        key: `"instances"` or `"inputs"`.
        numbers: of the list, in float64.
        specs: inputs of the model.

    Returns:
        What `read_predict` would; None if it might refuse the request.
    """
    if len(specs) != 1 or specs[0].dtype not in ("float32", "float64"):
        return None
    tensor = narrowed(numbers, specs[0].dtype, some_integers=True)
    return None if tensor is None else ({specs[0].name: tensor}, key == "instances")


def _read_columns(value: Any, specs: Specs) -> dict[str, Array]:
    if type(value) is not dict or is_base64(value):
        if len(specs) > 1:
            raise InvalidArgument(
                "inputs is a plain value/list, but expecting an object as multiple "
                "input tensors required as per tensorinfo_map"
            )
        return {specs[0].name: read_tensor(value, specs[0].dtype)}
    for spec in specs:
        if spec.name not in value:
            raise InvalidArgument(
                f"Missing named input: {spec.name} in 'inputs' object."
            )
    return {spec.name: read_tensor(value[spec.name], spec.dtype) for spec in specs}


def _read_rows(instances: list[Any], specs: Specs) -> dict[str, Array]:
    if len(specs) > 1 and type(instances[0]) is not dict:
        raise InvalidArgument(
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map"
        )
    regular = _read_regular_rows(instances, specs)
    return regular or _read_rows_one_by_one(instances, specs)


def _read_regular_rows(instances: list[Any], specs: Specs) -> dict[str, Array]:
    """Read all rows of each tensor at once; nothing if one may be refused."""
    names = {spec.name for spec in specs}
    columns = {specs[0].name: instances}
    if all(_is_named(item) and item.keys() == names for item in instances):
        columns = {name: [item[name] for item in instances] for name in names}
    elif len(specs) > 1:
        return {}
    tensors = {}
    for spec in specs:
        tensor = read_regular(columns[spec.name], spec.dtype)
        if tensor is None:
            return {}
        tensors[spec.name] = tensor
    return tensors


def _read_rows_one_by_one(instances: list[Any], specs: Specs) -> dict[str, Array]:
    """Read rows as TensorFlow Serving does, to refuse what it refuses."""
    named = _is_named(instances[0])
    tensors: dict[str, list[Array]] = {}
    for index, item in enumerate(instances):
        if _is_named(item) != named:
            kinds = "object but got list" if named else "value/list but got object"
            raise InvalidArgument(f"Expecting {kinds} at item {index} of input list")
        members = item if named else {specs[0].name: item}
        for name, value in members.items():
            key = f" key: {name}" if named else ""
            try:
                _add_row(tensors, name, value, specs)
            except ServingError as error:
                raise InvalidArgument(
                    f"Failed to process element: {index}{key} of 'instances' list. "
                    f"Error: {error.code}: {error}"
                ) from error
        names = sorted(spec.name for spec in specs)
        if named and sorted(members) != names:
            raise InvalidArgument(
                f"Failed to process element: {index} of 'instances' list. JSON object: "
                f"{shown(item)} keys must be equal to: {','.join(names)}"
            )
    return {name: np.stack(rows) for name, rows in tensors.items()}


def _is_named(item: Any) -> bool:
    return type(item) is dict and not is_base64(item)


def _add_row(
    tensors: dict[str, list[Array]], name: str, value: Any, specs: Specs
) -> None:
    dtype = {spec.name: spec.dtype for spec in specs}.get(name)
    if dtype is None:
        raise InvalidArgument(f"JSON object: does not have named input: {name}")
    row = read_tensor(value, dtype)
    rows = tensors.setdefault(name, [])
    rows.append(row)
    first = rows[0]
    if row.size != first.size:
        raise InvalidArgument(
            f"Expecting tensor size: {first.size} but got: {row.size}"
        )
    if row.shape != first.shape:
        raise InvalidArgument(f"Expecting shape {_shape(first)} but got: {_shape(row)}")


def _shape(array: Array) -> str:
    return f"[{','.join(map(str, array.shape))}]"
