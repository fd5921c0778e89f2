"""What computes for each version of a model: a batcher whose queue is watched."""

from collections.abc import Mapping
from dataclasses import replace

from kerasheet_serving.batching import Batcher
from kerasheet_serving.dtypes import Array
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.request_queue import BatchLimits
from kerasheet_serving.row_probe import rows_are_independent
from kerasheet_serving.rows import has_rows
from kerasheet_serving.servable import MakeRunner, Runner
from kerasheet_serving.session import Session
from kerasheet_serving.tensor_limit import check_tensors


class BatchedRunner:
    """Answers requests for one version, several at once if their rows do not mix.

    Args:
        name: of the model.
        number: of the version.
        session: of the version.
        limits: on batches and on the queue.
        metrics: where the batches are counted and the queue is seen, until it closes.
        most_bytes: of the tensors of one request.
    """

    _batcher: Batcher

    def __init__(
        self,
        name: str,
        number: int,
        session: Session,
        limits: BatchLimits,
        metrics: Metrics,
        most_bytes: int,
    ) -> None:
        self._model = name, number
        self._session = session
        self._metrics = metrics
        self._most_bytes = most_bytes
        manifest = session.manifest
        if not (
            limits.rows > 1
            and has_rows(manifest.inputs, manifest.outputs)
            and rows_are_independent(session.run, manifest.inputs)
        ):
            limits = replace(limits, rows=1)
        self._waiting = lambda: self._batcher.waiting
        observe = metrics.watch(name, number, self._waiting)
        self._batcher = Batcher(self._run, limits, observe)

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
        await self._batcher.close(timeout)
        self._metrics.forget(*self._model, self._waiting)

    def _run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        return self._session.run(inputs)


def batched(limits: BatchLimits, metrics: Metrics, most_bytes: int) -> MakeRunner:
    """What makes the runner of each version, for `Registry`."""

    def make(name: str, number: int, session: Session) -> Runner:
        return BatchedRunner(name, number, session, limits, metrics, most_bytes)

    return make
