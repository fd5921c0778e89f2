"""A request of the first protocol, between its JSON and the model's tensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument
from kerasheet_serving.json_document import parse_object, shown
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.v1.answer import write_predict
from kerasheet_serving.v1.examples import Example, example_tensor, read_examples
from kerasheet_serving.v1.image_bytes import (
    IMAGE_BYTES,
    PREDICT_BYTES,
    ImageFiles,
    class_names,
    takes_images,
)
from kerasheet_serving.v1.json_lists import read_lists
from kerasheet_serving.v1.request import read_numbers, read_predict
from kerasheet_serving.v1.results import write_classes, write_numbers
from kerasheet_serving.v1.signature import DEFAULT, Scored, scored_signature

Outputs = Mapping[str, Array]


@dataclass(frozen=True)
class Call:
    """What to ask a model, and how to tell its answer.

    Args:
        inputs: of the model; none if they are in image files.
        write: makes the answer's body of its outputs.
        images: to be decoded, and the name of the input that they are.
    """

    inputs: dict[str, Array]
    write: Callable[[Outputs], bytes]
    images: tuple[str, ImageFiles] | None = None


class Question:
    """A request, before it is known whether there is a model to answer it.

    Args:
        method: `predict`, `classify` or `regress`.
        body: of the request.

    Raises:
        InvalidArgument: the body holds no JSON object, the signature's name is no
            string, or the examples are none.
    """

    def __init__(self, method: str, body: bytes) -> None:
        self._method, self._body, self._name = method, body, DEFAULT
        self._lists = read_lists(body, DEFAULT) if method == "predict" else None
        if self._lists is None:
            self._read()

    def _read(self) -> None:
        document = self._document = parse_object(self._body)
        name = document.get("signature_name", DEFAULT)
        if type(name) is not str:
            raise InvalidArgument(
                f"JSON Value: {shown(document)} not formatted correctly. "
                "'signature_name' key must be a string value."
            )
        self._name = name or DEFAULT
        is_scored = self._method != "predict"
        self._examples = read_examples(document) if is_scored else []

    def call(self, manifest: Manifest, most_bytes: int) -> Call:
        """Read the tensors of a model.

        Args:
            manifest: of the model.
            most_bytes: that images may become.

        Raises:
            RequestTooLarge: they would become more.
            InvalidArgument: the model has no such signature, or a value does not fit.
            Unimplemented: the protocol has no such type.
        """
        if self._lists is not None:
            numbers = read_numbers(*self._lists, manifest.inputs)
            if numbers is not None:
                return _predict_call(*numbers)
            self._read()
        if self._method != "predict":
            signature = scored_signature(manifest, self._method, self._name)
            return _scored_call(self._method, self._examples, manifest, signature)
        if self._name == PREDICT_BYTES and takes_images(manifest):
            return _files_call(self._document, manifest, most_bytes)
        if self._name != DEFAULT:
            raise InvalidArgument(
                f'Serving signature name: "{self._name}" not found in signature def'
            )
        return _predict_call(*read_predict(self._document, manifest.inputs))


def _predict_call(inputs: dict[str, Array], rows: bool) -> Call:
    return Call(inputs, partial(write_predict, rows=rows))


def _scored_call(
    method: str, examples: list[Example], manifest: Manifest, signature: Scored
) -> Call:
    [spec] = manifest.inputs

    def write(outputs: Outputs) -> bytes:
        numbers = outputs[signature.output]
        if method == "classify":
            return write_classes(numbers, signature.labels, len(examples))
        return write_numbers(numbers, len(examples))

    return Call({spec.name: example_tensor(examples, spec)}, write)


def _files_call(document: dict[str, Any], manifest: Manifest, most_bytes: int) -> Call:
    tensors, rows = read_predict(document, (IMAGE_BYTES,))
    files = tensors[IMAGE_BYTES.name]
    if files.ndim != 1 or not files.size:
        raise InvalidArgument(
            f"Input {IMAGE_BYTES.name!r} must have shape [batch], received "
            f"{list(files.shape)}."
        )

    def write(outputs: Outputs) -> bytes:
        return write_predict({**class_names(outputs, manifest), **outputs}, rows)

    images = ImageFiles(files, manifest, most_bytes)
    return Call({}, write, (manifest.inputs[0].name, images))
