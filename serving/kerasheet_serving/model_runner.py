"""What computes for each version of a model: a batcher whose queue is watched."""

from collections.abc import Mapping
from dataclasses import replace

from kerasheet_serving.batching import Batcher
from kerasheet_serving.dtypes import Array
from kerasheet_serving.generation.decoding import TextLimits, TextWriter
from kerasheet_serving.generation.step_model import StepModel, writes_text
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.request_queue import BatchLimits
from kerasheet_serving.row_probe import rows_are_independent
from kerasheet_serving.rows import has_rows
from kerasheet_serving.servable import MakeRunner, Runner
from kerasheet_serving.session import Session
from kerasheet_serving.tensor_limit import check_tensors

_WAITING_TEXTS = 4  # times as many as are written at once


class BatchedRunner:
    """Answers requests for one version, several at once if their rows do not mix.

    Args:
        name: of the model.
        number: of the version.
        session: of the version.
        limits: on batches and on the queue.
        metrics: where the batches are counted and the queue is seen, until it closes.
        most_bytes: of the tensors of one request.
        most_texts: that a language model writes at once.

    Attributes:
        writer: what continues texts, if the model does.

    Raises:
        RepositoryError: the model's graph for that is none.
    """

    def __init__(
        self,
        name: str,
        number: int,
        session: Session,
        limits: BatchLimits,
        metrics: Metrics,
        most_bytes: int,
        most_texts: int,
    ) -> None:
        self._model = name, number
        self._metrics = metrics
        self._most_bytes = most_bytes
        manifest = session.manifest
        together = (
            limits.rows > 1
            and has_rows(manifest.inputs, manifest.outputs)
            and rows_are_independent(session.run, manifest.inputs)
        )
        if not together:
            limits = replace(limits, rows=1)

        def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
            return session.run(inputs)

        # Nothing here refers to `self`: what has ended is freed at once.
        writer = self.writer = self._text_writer(session, most_texts)
        observe, steady = (
            metrics.row_count(name, number),
            together and _steady(manifest),
        )
        batcher = self._batcher = Batcher(run, limits, observe, steady=steady)
        self._texts = lambda: writer.texts if writer else 0
        self._waiting = lambda: batcher.waiting
        metrics.watch(name, number, self._waiting)
        if writer is not None:
            metrics.watch_texts(name, number, self._texts)

    async def compute(
        self, inputs: Mapping[str, Array], timeout: float | None = None
    ) -> Mapping[str, Array]:
        """Answer one request, as `Batcher.compute` does.

        Raises:
            RequestTooLarge: its tensors are, in all.
        """
        check_tensors(inputs, self._most_bytes)
        return await self._batcher.compute(inputs, timeout)

    async def close(self, timeout: float | None = None) -> None:
        """Answer the requests that are here; there will be no more."""
        if self.writer is not None:
            await self.writer.close(timeout)
            self._metrics.forget_texts(*self._model, self._texts)
        await self._batcher.close(timeout)
        self._metrics.forget(*self._model, self._waiting)

    def _text_writer(self, session: Session, most: int) -> TextWriter | None:
        if not writes_text(session.manifest):
            return None
        model = StepModel(session, most)
        limits = TextLimits(most, _WAITING_TEXTS * most)
        return TextWriter(model, limits, *self._metrics.text_counts(*self._model))


def _steady(manifest: Manifest) -> bool:
    """Whether rows are numbers of one shape, for a model that somebody has described.

    A graph from anywhere may take as long as a number in it says.
    """
    return bool(manifest.files) and all(
        spec.dtype != "str" and all(isinstance(size, int) for size in spec.shape[1:])
        for spec in manifest.inputs
    )


def batched(
    limits: BatchLimits, metrics: Metrics, most_bytes: int, most_texts: int
) -> MakeRunner:
    """What makes the runner of each version, for `Registry`."""

    def make(name: str, number: int, session: Session) -> Runner:
        return BatchedRunner(
            name, number, session, limits, metrics, most_bytes, most_texts
        )

    return make
