"""Counts every request that an application answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerasheet_serving.metrics import Metrics

_KEY = "kerasheet.served"
_FAILED = 500


@dataclass
class Served:
    """Who answers a request: a version of a model, or none yet."""

    model: str = ""
    version: int | None = None
    method: str = "other"


def begin_served(scope: Scope) -> Served:
    """Where `note_served` notes who answers the request of a scope."""
    served: Served = scope.setdefault(_KEY, Served())
    return served


def note_served(scope: Scope, model: str, version: int, method: str) -> None:
    """Say which version answers a request, if it is counted.

    Args:
        scope: of the request.
        model: that answers it; one that is here, as its name is kept.
        version: of the model.
        method: what is asked of it, such as `"predict"`.
    """
    served = scope.get(_KEY)
    if served is not None:
        served.model, served.version, served.method = model, version, method


class RequestMetrics:
    """Wraps an application, and counts its answers and how long they took.

    Args:
        app: the application.
        metrics: where to count.
        clock: tells seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        served = begin_served(scope)
        code = _FAILED

        async def send_noted(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
            await send(message)

        begin = self._clock()
        try:
            await self._app(scope, receive, send_noted)
        finally:
            seconds = self._clock() - begin
            self._metrics.count_request(
                served.model, served.version, served.method, code, seconds
            )
