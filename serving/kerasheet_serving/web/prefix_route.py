"""A route for all paths that begin alike, whatever the method."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound, request_response
from starlette.types import Receive, Scope, Send

from kerasheet_serving.web.paths import path_of


class PrefixRoute(BaseRoute):
    """Gives one endpoint every request below a path, in any case of its letters.

    Among the first routes, it spares its requests the regular expressions of the rest.

    Args:
        prefix: of the paths, in lower case.
        endpoint: what answers.
    """

    def __init__(
        self, prefix: str, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> None:
        self._prefix = prefix
        self._app = request_response(endpoint)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        begins = path_of(scope)[: len(self._prefix)].lower() == self._prefix
        is_mine = scope["type"] == "http" and begins
        return Match.FULL if is_mine else Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> NoReturn:
        raise NoMatchFound(name, path_params)
