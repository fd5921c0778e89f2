"""Data of the inputs in the body of a request: in its JSON, or in bytes behind it."""

from typing import Any

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v2.json_member import member
from kerasheet_serving.v2.tensor import read_bytes, read_json


class BodyData:
    """Finds the data of one input after the other.

    Args:
        content: bytes that follow the JSON, from which inputs take theirs in turn.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, tensor: dict[str, Any], spec: TensorSpec, where: str) -> Array:
        """Read the data of one input.

        Args:
            tensor: JSON that describes it.
            spec: what it is to the model.
            where: the data are, for the error.

        Raises:
            InvalidArgument: there are none, or not of that type.
        """
        parameters = member(tensor, "parameters", dict, where, {})
        if "binary_data_size" not in parameters:
            if isinstance(tensor.get("data"), np.ndarray):  # has been read
                return tensor["data"]
            return read_json(member(tensor, "data", list, where), spec.dtype, where)
        if "data" in tensor:
            raise InvalidArgument(f"{where} has both 'data' and 'binary_data_size'")
        size = member(parameters, "binary_data_size", int, where)
        if not 0 <= size <= len(self._content):
            raise InvalidArgument(
                f"{where} has a 'binary_data_size' of {size}, but {len(self._content)} "
                "bytes are left in the request"
            )
        content, self._content = self._content[:size], self._content[size:]
        return read_bytes(content, spec.dtype, where)

    def check_all_read(self, model: str) -> None:
        """Refuse bytes that are left when all inputs of a model have theirs.

        Raises:
            InvalidArgument: there are some.
        """
        if self._content:
            raise InvalidArgument(
                f"{len(self._content)} bytes follow the inputs of model '{model}' and "
                "belong to none of them"
            )
