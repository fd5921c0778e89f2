"""How large the tensors of one request may be."""

from collections.abc import Mapping

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import RequestTooLarge


def check_tensors(tensors: Mapping[str, Array], most: int) -> None:
    """Refuse tensors of more than `most` bytes in all.

    Raises:
        RequestTooLarge: they are.
    """
    check_tensor_bytes(sum(array.nbytes for array in tensors.values()), most)


def check_tensor_bytes(size: int, most: int) -> None:
    """Refuse tensors before they are made, if `size` bytes are more than `most`.

    Raises:
        RequestTooLarge: it is.
    """
    if size > most:
        raise RequestTooLarge(
            f"The tensors of the request have {size} bytes, more than the {most} that "
            "this server computes at a time. Send fewer instances."
        )
