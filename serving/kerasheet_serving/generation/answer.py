"""The answer to a request to continue a text: whole, or token by token."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kerasheet_serving.errors import InvalidArgument, ServingError
from kerasheet_serving.generation.decoding import TextWriter
from kerasheet_serving.generation.events import accepts_events, event, part, start
from kerasheet_serving.generation.presence import while_present
from kerasheet_serving.generation.request import is_streamed, read_generation
from kerasheet_serving.generation.step_model import STEP
from kerasheet_serving.generation.writing import Writing
from kerasheet_serving.servable import Servable
from kerasheet_serving.text import Tokenizer
from kerasheet_serving.web.refusals import refusal
from kerasheet_serving.web.served import note_served

_log = logging.getLogger(__name__)


class TextAnswer(Response):
    """Writes a text for one request, as long as its client is there.

    Args:
        name: of the model, as it was asked for.
        document: the request's JSON object.
        find: the version that is to write; it is kept until the text ends.
        stall_seconds: in which a client must take what it is sent, or it is left.
    """

    def __init__(
        self,
        name: str,
        document: dict[str, Any],
        find: Callable[[], Servable],
        stall_seconds: float,
    ) -> None:
        self._name = name
        self._document = document
        self._find = find
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer.

        Raises:
            ServingError: the request is refused, or fails before its first token.
            ClientDisconnect: the client left before that.
        """
        with self._find().leased() as servable:
            note_served(scope, self._name, servable.number, "generate")
            manifest = servable.manifest
            wanted = read_generation(self._document, manifest)
            streamed = is_streamed(self._document) or accepts_events(scope)
            tokenizer = Tokenizer(manifest)
            with _writer(servable).writing(wanted) as text:
                if streamed:
                    events = _Events(text, tokenizer, send, self._stall_seconds)
                    await events.send_all(receive)
                    return
                whole = await while_present(receive, _whole(text, tokenizer))
        body = json.dumps({"text": whole}, separators=(",", ":")).encode()
        await Response(body, media_type="application/json")(scope, receive, send)


class _Events:
    """Sends a text as it is written."""

    def __init__(
        self, text: Writing, tokenizer: Tokenizer, send: Send, stall_seconds: float
    ) -> None:
        self._text = text
        self._tokenizer = tokenizer
        self._send = send
        self._stall_seconds = stall_seconds
        self._is_begun = False

    async def send_all(self, receive: Receive) -> None:
        """Send every token, or why there is no other, if the client is there."""
        try:
            await while_present(receive, self._send_text())
        except ClientDisconnect:
            if not self._is_begun:
                raise
        except TimeoutError:
            _log.info("Left a client that takes nothing of its text")

    async def _send_text(self) -> None:
        pieces = []
        try:
            while ids := await self._text.take():
                tokens = self._tokenizer.pieces(ids)
                pieces += tokens
                await self._send_part(b"".join(event({"text": t}) for t in tokens))
            last = event({"text": "".join(pieces)}, "done")
        except TimeoutError:
            raise
        except Exception as error:
            if not self._is_begun:
                raise
            if not isinstance(error, ServingError):
                _log.exception("Failed to write a text")
            last = event(json.loads(bytes(refusal(error, "").body)), "error")
        await self._send_part(last, more=False)

    async def _send_part(self, events: bytes, more: bool = True) -> None:
        if not self._is_begun:
            self._is_begun = True
            await self._send(start())
        async with asyncio.timeout(self._stall_seconds):
            await self._send(part(events, more))


async def _whole(text: Writing, tokenizer: Tokenizer) -> str:
    pieces = []
    while ids := await text.take():
        pieces += tokenizer.pieces(ids)
    return "".join(pieces)


def _writer(servable: Servable) -> TextWriter:
    if servable.writer is None:
        raise InvalidArgument(
            f"Model {servable.manifest.name!r} has no graph {STEP!r}, which writes "
            "text token by token. Publish it with `kerasheet export`."
        )
    return servable.writer
