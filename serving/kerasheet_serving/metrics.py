"""Counts and times of everything served, as Prometheus reads them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from kerasheet_serving.metric_families import MODEL, MetricFamilies
from kerasheet_serving.shared_counts import are_shared, joined

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_REFRESH_SECONDS = 1.0
_ENDED = 16  # versions whose counts are told on, more than end between two readings
_MOST_SHARED = 100  # versions counted each by itself where no count can be dropped
_OTHERS = "others"


class Metrics:
    """The metrics of one application, in a registry of its own.

    Where `SHARED_COUNTS` names a directory, those of all processes with that directory
    are told together; what waits in others is then of the last second. What is written
    there stays, so versions after the first hundred are counted together as `others`.

    A label stays in memory: give names of models that are here, and `""` for whatever
    else a client asked for.
    """

    def __init__(self) -> None:
        families = self._families = MetricFamilies()
        self._counts: dict[
            tuple[str, int | None, str, int], tuple[Counter, Histogram]
        ] = {}
        self._queues: dict[tuple[str, int], Callable[[], int]] = {}
        self._texts: dict[tuple[str, int], Callable[[], int]] = {}
        self._looks = (families.waiting, self._queues), (families.streams, self._texts)
        self._ended: dict[tuple[str, int], None] = {}  # those that ended first, first
        self._named: set[tuple[str, int]] = set()

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
            labels = (*self._labels(model, version), method)
            count = self._families.requests.labels(*labels, str(code))
            self._counts[answer] = count, self._families.seconds.labels(*labels)
        count, times = self._counts[answer]
        count.inc()
        times.observe(seconds)

    def row_count(self, model: str, version: int) -> Callable[[int], None]:
        """What is to be told the rows of every batch."""
        return self._families.rows.labels(*self._labels(model, version)).observe

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
        self._forget(self._families.waiting, model, version)
        self._ended[model, version] = None
        if len(self._ended) > _ENDED:
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
            self._forget(self._families.streams, model, version)

    def text_counts(
        self, model: str, version: int
    ) -> tuple[Callable[[int], None], Callable[[int], None]]:
        """What is to be told the texts of every step, and the tokens of every text."""
        labels = self._labels(model, version)
        tokens = self._families.tokens.labels(*labels)
        return self._families.step_texts.labels(*labels).observe, tokens.inc

    async def answer(self, request: Request) -> Response:
        """Answer Prometheus in the format that it asks for."""
        from prometheus_client.exposition import choose_encoder

        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        if are_shared():  # in files, whose reading takes its time
            content = await asyncio.to_thread(lambda: encode(self.read()))
        else:
            content = encode(self.read())
        return Response(content, headers={"Content-Type": content_type})

    def read(self) -> "CollectorRegistry":
        """All that is counted, and what waits now."""
        self._look()
        return joined() if are_shared() else self._families.registry

    async def keep_fresh(self) -> None:
        """Let other processes that share the counts know what waits here, if any do."""
        while are_shared():
            self._look()
            await asyncio.sleep(_REFRESH_SECONDS)

    def _drop(self, model: str, version: int) -> None:
        """Count no more what a version answered: the memory would grow with each."""
        if not are_shared():  # else the library cannot
            labels = dict(zip(MODEL, self._labels(model, version), strict=True))
            self._families.drop(labels)
        for answer in list(self._counts):
            if answer[:2] == (model, version):
                del self._counts[answer]

    def _look(self) -> None:
        """Ask what waits."""
        for gauge, counts in self._looks:
            totals: defaultdict[tuple[str, str], int] = defaultdict(int)
            for (model, version), count in list(counts.items()):  # others load
                totals[self._labels(model, version)] += count()
            for labels, total in totals.items():
                gauge.labels(*labels).set(total)

    def _forget(self, gauge: "Gauge", model: str, version: int) -> None:
        """Tell nothing more of a model; the library cannot, where counts are shared."""
        labels = self._labels(model, version)
        if are_shared():
            gauge.labels(*labels).set(0)
        else:
            gauge.remove(*labels)

    def _labels(self, model: str, version: int | None) -> tuple[str, str]:
        """What a version is counted as."""
        if version is None:
            return model, ""
        if are_shared() and (model, version) not in self._named:
            if len(self._named) == _MOST_SHARED:
                return model, _OTHERS
            self._named.add((model, version))
        return model, str(version)
