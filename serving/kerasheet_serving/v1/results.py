"""Answers of `:classify` and `:regress`: `{"results": [...]}`, one per example."""

import json
from collections.abc import Iterable, Sequence

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.v1.number_text import number_texts


def write_classes(scores: Array, labels: Sequence[str], examples: int) -> bytes:
    """Write pairs of label and score, those of an example in a list.

    Args:
        scores: (examples, classes), or (examples,) of a single class.
        labels: of the classes; they stay empty unless there is one for each.
        examples: in the request.

    Raises:
        InvalidArgument: the model gave something else.
    """
    if scores.ndim not in (1, 2) or len(scores) != examples or not scores.size:
        raise InvalidArgument(
            "Expected scores output Tensor shape to be [batch_size num_classes] but "
            f"got {_shape(scores)} for {examples} examples"
        )
    columns = 1 if scores.ndim == 1 else scores.shape[1]
    if len(labels) != columns:
        labels = [""] * columns
    names = [json.dumps(label, ensure_ascii=False) for label in labels]
    texts = number_texts(scores)
    rows = (texts[at : at + columns] for at in range(0, len(texts), columns))
    return _body(
        f"[{','.join(f'[{n},{s}]' for n, s in zip(names, row, strict=True))}]"
        for row in rows
    )


def write_numbers(values: Array, examples: int) -> bytes:
    """Write a number for each example.

    Args:
        values: (examples,) or (examples, 1).
        examples: in the request.

    Raises:
        InvalidArgument: the model gave something else.
    """
    if values.shape not in ((examples,), (examples, 1)):
        raise InvalidArgument(
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] "
            f"but got {_shape(values)} for {examples} examples"
        )
    return _body(number_texts(values))


def _body(results: Iterable[str]) -> bytes:
    return f'{{"results":[{",".join(results)}]}}'.encode()


def _shape(array: Array) -> str:
    return f"[{','.join(map(str, array.shape))}]"
