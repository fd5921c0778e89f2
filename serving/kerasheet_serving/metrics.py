"""Counts and times of everything served, as Prometheus reads them."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from prometheus_client import Gauge

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_MODEL = ("model", "version")


class Metrics:
    """The metrics of one application, in a registry of its own.

    A label stays in memory: give names of models that are here, and `""` for whatever
    else a client asked for.
    """

    def __init__(self) -> None:
        # Takes as long as a tenth of the start of the server: only who counts pays.
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            ProcessCollector,
        )

        self._queues: dict[tuple[str, int], Callable[[], int]] = {}
        self._texts: dict[tuple[str, int], Callable[[], int]] = {}
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "kerasheet_requests",
            "Requests answered, by HTTP status.",
            (*_MODEL, "method", "code"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "kerasheet_request_seconds",
            "Seconds from a request to its answer.",
            (*_MODEL, "method"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._rows = Histogram(
            "kerasheet_batch_rows",
            "Rows that the model computed at once.",
            _MODEL,
            buckets=_ROWS,
            registry=self._registry,
        )
        self._tokens = Counter(
            "kerasheet_tokens",
            "Tokens of texts that have ended.",
            _MODEL,
            registry=self._registry,
        )
        self._step_texts = Histogram(
            "kerasheet_step_texts",
            "Texts that the model wrote a token of at once.",
            _MODEL,
            buckets=_ROWS,
            registry=self._registry,
        )
        self._streams = Gauge(
            "kerasheet_streams",
            "Texts that are being written or wait for the model.",
            _MODEL,
            registry=self._registry,
        )
        self._waiting = Gauge(
            "kerasheet_waiting_requests",
            "Requests that wait for the model.",
            _MODEL,
            registry=self._registry,
        )

    def count_request(
        self, model: str, version: int | None, method: str, code: int, seconds: float
    ) -> None:
        """Count one answer.

        Args:
            model: that answered; `""` if none did.
            version: of the model; None if none answered.
            method: what was asked of it, such as `"predict"`.
            code: HTTP status of the answer.
            seconds: from the request to the answer.
        """
        labels = (model, _text(version), method)
        self._requests.labels(*labels, str(code)).inc()
        self._seconds.labels(*labels).observe(seconds)

    def row_count(self, model: str, version: int) -> Callable[[int], None]:
        """What is to be told the rows of every batch."""
        return self._rows.labels(model, _text(version)).observe

    def watch(self, model: str, version: int, waiting: Callable[[], int]) -> None:
        """Begin to show the queue of a model that was loaded.

        Args:
            model: its name.
            version: its number.
            waiting: how many requests wait for it now; asked when metrics are read.
        """
        self._queues[model, version] = waiting
        _show(self._waiting, self._queues, (model, version))

    def forget(self, model: str, version: int, waiting: Callable[[], int]) -> None:
        """Drop the queue of a model that is unloaded, if no other took its place.

        What it answered stays counted.
        """
        if self._queues.get((model, version)) is waiting:
            del self._queues[model, version]
            self._waiting.remove(model, _text(version))

    def watch_texts(self, model: str, version: int, texts: Callable[[], int]) -> None:
        """Begin to show how many texts a model is asked to write."""
        self._texts[model, version] = texts
        _show(self._streams, self._texts, (model, version))

    def forget_texts(self, model: str, version: int, texts: Callable[[], int]) -> None:
        """Show it no more, if no other model took the place; as `forget`."""
        if self._texts.get((model, version)) is texts:
            del self._texts[model, version]
            self._streams.remove(model, _text(version))

    def text_counts(
        self, model: str, version: int
    ) -> tuple[Callable[[int], None], Callable[[int], None]]:
        """What is to be told the texts of every step, and the tokens of every text."""
        labels = model, _text(version)
        return self._step_texts.labels(*labels).observe, self._tokens.labels(
            *labels
        ).inc

    async def answer(self, request: Request) -> Response:
        """Answer Prometheus in the format that it asks for."""
        from prometheus_client.exposition import choose_encoder

        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={"Content-Type": content_type})


def _show(
    gauge: "Gauge",
    counts: Mapping[tuple[str, int], Callable[[], int]],
    key: tuple[str, int],
) -> None:
    """Let a gauge ask `counts`, for it would keep a function of the model alive."""
    gauge.labels(key[0], _text(key[1])).set_function(lambda: counts.get(key, int)())


def _text(version: int | None) -> str:
    return "" if version is None else str(version)
