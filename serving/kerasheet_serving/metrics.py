"""Counts and times of everything served, as Prometheus reads them."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from kerasheet_serving.shared_counts import are_shared, joined

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Gauge

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_MODEL = ("model", "version")
_REFRESH_SECONDS = 1.0
_ENDED = 16  # versions whose counts are told on, more than end between two readings


class Metrics:
    """The metrics of one application, in a registry of its own.

    Where `SHARED_COUNTS` names a directory, those of all processes with that directory
    are told together; what waits in others is then of the last second.

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

        self._counts: dict[
            tuple[str, int | None, str, int], tuple[Counter, Histogram]
        ] = {}
        self._queues: dict[tuple[str, int], Callable[[], int]] = {}
        self._texts: dict[tuple[str, int], Callable[[], int]] = {}
        self._ended: dict[tuple[str, int], None] = {}  # those that ended first, first
        self._registry = CollectorRegistry()
        if not are_shared():  # the library can tell of one process only
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
            multiprocess_mode="livesum",
        )
        self._waiting = Gauge(
            "kerasheet_waiting_requests",
            "Requests that wait for the model.",
            _MODEL,
            registry=self._registry,
            multiprocess_mode="livesum",
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
        answer = (model, version, method, code)
        if answer not in self._counts:  # `labels` takes longer than to count
            labels = (model, _text(version), method)
            count = self._requests.labels(*labels, str(code))
            self._counts[answer] = count, self._seconds.labels(*labels)
        count, times = self._counts[answer]
        count.inc()
        times.observe(seconds)

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
        self._ended.pop((model, version), None)

    def forget(self, model: str, version: int, waiting: Callable[[], int]) -> None:
        """Drop the queue of a model that is unloaded, if no other took its place.

        What it answered stays counted until many others have ended after it.
        """
        if self._queues.get((model, version)) is not waiting:
            return
        del self._queues[model, version]
        _forget(self._waiting, model, version)
        self._ended[model, version] = None
        if len(self._ended) > _ENDED and not are_shared():  # else what is told stays
            first = next(iter(self._ended))
            del self._ended[first]
            self._drop(*first)

    def watch_texts(self, model: str, version: int, texts: Callable[[], int]) -> None:
        """Begin to show how many texts a model is asked to write."""
        self._texts[model, version] = texts

    def forget_texts(self, model: str, version: int, texts: Callable[[], int]) -> None:
        """Show it no more, if no other model took the place; as `forget`."""
        if self._texts.get((model, version)) is texts:
            del self._texts[model, version]
            _forget(self._streams, model, version)

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
        return Response(encode(self.read()), headers={"Content-Type": content_type})

    def read(self) -> "CollectorRegistry":
        """All that is counted, and what waits now."""
        self._look()
        return joined() if are_shared() else self._registry

    async def keep_fresh(self) -> None:
        """Let other processes that share the counts know what waits here, if any do."""
        while are_shared():
            self._look()
            await asyncio.sleep(_REFRESH_SECONDS)

    def _drop(self, model: str, version: int) -> None:
        """Count no more what a version answered: the memory would grow with each."""
        labels = dict(zip(_MODEL, (model, _text(version)), strict=True))
        for metric in (
            self._requests,
            self._seconds,
            self._rows,
            self._tokens,
            self._step_texts,
        ):
            metric.remove_by_labels(labels)
        for answer in list(self._counts):
            if answer[:2] == (model, version):
                del self._counts[answer]

    def _look(self) -> None:
        """Ask what waits."""
        for gauge, counts in (
            (self._waiting, self._queues),
            (self._streams, self._texts),
        ):
            for (model, version), count in list(counts.items()):  # others load
                gauge.labels(model, _text(version)).set(count())


def _forget(gauge: "Gauge", model: str, version: int) -> None:
    """Tell nothing more of a model; the library cannot, where counts are shared."""
    labels = model, _text(version)
    if are_shared():
        gauge.labels(*labels).set(0)
    else:
        gauge.remove(*labels)


def _text(version: int | None) -> str:
    return "" if version is None else str(version)
