"""TensorFlow Serving's REST protocol: from a request for a path to its answer."""

import json
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from kerasheet_serving.errors import InvalidArgument, NotFound
from kerasheet_serving.generation.answer import TextAnswer
from kerasheet_serving.json_document import parse_object
from kerasheet_serving.registry import Registry
from kerasheet_serving.servable import Servable
from kerasheet_serving.v1.call import Question
from kerasheet_serving.v1.description import metadata, status
from kerasheet_serving.v1.path import Target, read_path
from kerasheet_serving.web.served import note_served
from kerasheet_serving.web.work import SMALL, do, read_body


class RestV1:
    """Answers every request below `/v1/`.

    Args:
        registry: the models.
        max_request_bytes: size of the largest body read, also once decompressed.
        max_tensor_bytes: of what one request becomes.
        stall_seconds: in which a client must take what it is sent of a text.
    """

    def __init__(
        self,
        registry: Registry,
        max_request_bytes: int,
        max_tensor_bytes: int,
        stall_seconds: float,
    ) -> None:
        self._registry = registry
        self._max_tensor_bytes = max_tensor_bytes
        self._max_request_bytes = max_request_bytes
        self._stall_seconds = stall_seconds

    async def answer(self, request: Request, path: str) -> Response:
        """Answer one request for `path`, which begins with `/v1/`.

        Raises:
            ServingError: the request is refused.
        """
        target = read_path(request.method, path)
        if request.method == "POST":
            body = await read_body(request, self._max_request_bytes)
            if target.asked == "generate":
                return await self._text(target, body)
            content = await self._post(target, body, request.scope)
        else:
            content = json.dumps(self._get(target), separators=(",", ":")).encode()
        return Response(content, media_type="application/json")

    async def _post(self, target: Target, body: bytes, scope: Scope) -> bytes:
        small = len(body) <= SMALL
        question = await do(lambda: Question(target.asked, body), small)
        with self._find(target).leased() as servable:
            note_served(scope, target.name or "", servable.number, target.asked)
            manifest, most = servable.manifest, self._max_tensor_bytes
            call = await do(lambda: question.call(manifest, most), small)
            inputs = call.inputs
            if call.images is not None:
                name, images = call.images
                soon = images.are_soon_decoded()
                inputs = {name: await do(images.decode, soon, alone=True)}
            outputs = await servable.compute(inputs)
            small = sum(array.size for array in outputs.values()) <= SMALL
            return await do(lambda: call.write(outputs), small)

    async def _text(self, target: Target, body: bytes) -> Response:
        document = await do(lambda: parse_object(body), len(body) <= SMALL)
        find = partial(self._find, target)
        return TextAnswer(target.name or "", document, find, self._stall_seconds)

    def _get(self, target: Target) -> dict[str, Any]:
        if target.name is None:
            raise InvalidArgument("Missing model name in request.")
        if target.asked == "metadata":
            servable = self._find(target)
            return metadata(target.name, servable.number, servable.manifest)
        return self._status(target.name, target.number, target.label)

    def _find(self, target: Target) -> Servable:
        return self._registry.find(target.name or "", target.number, target.label)

    def _status(
        self, name: str, number: int | None, label: str | None
    ) -> dict[str, Any]:
        if label is not None:
            number = self._registry.labelled(name, label)
        versions = self._registry.states(name)
        if not versions:
            raise NotFound(f"Could not find any versions of model {name}")
        chosen = [v for v in versions if number in (None, v.number)]
        if not chosen:
            raise NotFound(f"Could not find version {number} of model {name}")
        return status(chosen)
