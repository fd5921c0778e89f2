"""What computes for each version of a model."""

import asyncio
import gc
import time
import weakref

import numpy as np
import pytest
from serving_models import half_plus_two, publish, total

from kerasheet_serving import Session, model_runner
from kerasheet_serving.batching import Batcher
from kerasheet_serving.errors import Unavailable
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.model_runner import batched
from kerasheet_serving.request_queue import BatchLimits


class Watched(Metrics):
    """Metrics that remember batches and know queues by model."""

    def __init__(self):
        super().__init__()
        self.batches = []
        self.queues = {}

    def watch(self, model, version, waiting):
        self.queues[model, version] = waiting
        super().watch(model, version, waiting)

    def row_count(self, model, version):
        return self.batches.append

    def forget(self, model, version, waiting):
        assert self.queues.pop((model, version)) is waiting
        super().forget(model, version, waiting)


@pytest.fixture
def ask(tmp_path):
    """Ask a model several requests at once; returns the answers, batches and queue."""

    async def ask_all(model, requests):
        metrics = Watched()
        session = Session(publish(tmp_path, "M", model))
        runner = batched(BatchLimits(rows=8), metrics, 1000, 4)("M", 7, session)
        tasks = [
            asyncio.create_task(runner.compute({"x": np.array(x, np.float32)}))
            for x in requests
        ]
        await asyncio.sleep(0)
        waiting = metrics.queues["M", 7]()
        answers = [(await task)["y"].tolist() for task in tasks]
        await runner.close()
        assert metrics.queues == {}
        with pytest.raises(Unavailable):
            await runner.compute({"x": np.ones(1, np.float32)})
        return answers, metrics.batches, waiting

    return lambda model, requests: asyncio.run(ask_all(model, requests))


def test_requests_for_a_model_with_rows_run_together(ask):
    answers, batches, waiting = ask(half_plus_two(), [[2], [3, 4], [6]])
    assert answers == [[3.0], [3.5, 4.0], [5.0]]
    assert (batches, waiting) == ([4], 3)


def test_requests_for_a_model_without_rows_never_run_together(ask):
    answers, batches, _ = ask(total(), [[2], [3, 4], [6]])
    assert (answers, batches) == ([2.0, 7.0, 6.0], [1, 2, 1])


@pytest.mark.parametrize(
    ("model", "described", "steady"),
    [
        (half_plus_two(), True, True),
        (half_plus_two(), False, False),
        (half_plus_two(("batch", "length")), True, False),
        (total(), True, False),
    ],
)
def test_a_model_described_as_of_rows_of_one_shape_is_steady(
    tmp_path, model, described, steady
):
    version = publish(tmp_path, "M", model)
    if not described:
        (version / "manifest.json").unlink()
    session = Session(version)
    made = []

    class Noted(Batcher):
        def __init__(self, *arguments, steady, **options):
            made.append(steady)
            super().__init__(*arguments, steady=steady, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_runner, "Batcher", Noted)
        batched(BatchLimits(), Metrics(), 1000, 4)("M", 7, session)
    assert made == [steady]


@pytest.mark.parametrize("model", [half_plus_two(), total()], ids=["rows", "no rows"])
def test_a_model_that_is_closed_is_freed_at_once(tmp_path, model):
    session = Session(publish(tmp_path, "M", model))
    runner = batched(BatchLimits(), Metrics(), 1000, 4)("M", 7, session)

    async def ask_and_close(runner):
        await runner.compute({"x": np.ones(1, np.float32)})
        await runner.close()

    gc.disable()
    try:
        asyncio.run(ask_and_close(runner))
        held = weakref.ref(session)
        del session, runner
        end = time.monotonic() + 20  # until the thread of the model has ended
        while held() is not None and time.monotonic() < end:
            time.sleep(0.01)
        assert held() is None
    finally:
        gc.enable()
