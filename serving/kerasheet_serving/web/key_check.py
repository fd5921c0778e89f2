"""Answers only those that show an API key."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from kerasheet_serving.api_keys import require_key
from kerasheet_serving.errors import Unauthenticated
from kerasheet_serving.web.paths import is_open, path_of
from kerasheet_serving.web.refusals import refusal


class KeyCheck:
    """Wraps an application, and refuses what neither is open nor shows a key.

    Args:
        app: the application.
        hashes: of the keys that are known.
    """

    def __init__(self, app: ASGIApp, hashes: Iterable[str]) -> None:
        self._app = app
        self._hashes = tuple(hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not is_open(path_of(scope)):
            headers = dict(scope["headers"])
            try:
                require_key(
                    self._hashes,
                    _text(headers.get(b"authorization")),
                    _text(headers.get(b"x-api-key")),
                )
            except Unauthenticated as error:
                await refusal(error, "")(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
