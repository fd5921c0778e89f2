"""A model that many ask at the same time."""

import asyncio
import functools
import itertools
import threading
import time

import numpy as np
import pytest
from fake_clock import SteppedExecutor, run_on_fake_clock
from hypothesis import given
from hypothesis import strategies as st
from serving_models import lenet, publish

from kerasheet_serving import Session
from kerasheet_serving.batching import Batcher
from kerasheet_serving.errors import (
    DeadlineExceeded,
    InvalidArgument,
    QueueFull,
    Unavailable,
)
from kerasheet_serving.request_queue import BatchLimits


class Bench:
    """A batcher of y = 2 x on a fake clock, whose model runs when told to."""

    def __init__(self, run=None, steady=False, **limits):
        self.model = SteppedExecutor()
        self.batches = []
        self.batcher = Batcher(
            run or double,
            BatchLimits(**limits),
            self.batches.append,
            self.model,
            steady,
        )
        self.loop = asyncio.get_running_loop()

    async def ask(self, *values, timeout=None):
        """Start a request for every value; returns their tasks."""
        tasks = [
            asyncio.create_task(self.batcher.compute(request(value), timeout))
            for value in values
        ]
        await self.loop.advance()
        return tasks


def double(inputs):
    if (inputs["x"] < 0).any():
        raise InvalidArgument("Negative.")
    return {"y": inputs["x"] * 2}


def slow_double(inputs):
    """Take two milliseconds of the processor's time for rows that are not refused."""
    if not inputs["x"].size or (inputs["x"] < 0).any():
        return double(inputs)
    end = time.thread_time() + 0.002
    while time.thread_time() < end:
        pass
    return double(inputs)


def request(value):
    return {"x": np.array([value], np.float32)}


def answers(tasks):
    """What is known of every task: its number, its error, or that there is nothing."""
    return [
        "waits"
        if not task.done()
        else "cancelled"
        if task.cancelled()
        else task.exception() or task.result()["y"].item()
        for task in tasks
    ]


def on_fake_clock(test):
    """Run a coroutine as a test, on a fake clock."""

    @functools.wraps(test)
    def run(**arguments):
        run_on_fake_clock(test(**arguments))

    return run


@on_fake_clock
async def test_a_request_that_is_alone_starts_at_once():
    bench = Bench(delay=60.0)
    tasks = await bench.ask(1)
    await bench.model.step()
    assert answers(tasks) == [2]


@on_fake_clock
async def test_what_comes_at_the_same_time_runs_together():
    bench = Bench(rows=4, delay=60.0)
    tasks = await bench.ask(1, 2, 3, 4)
    await bench.model.step()
    assert (answers(tasks), bench.batches) == ([2, 4, 6, 8], [4])


@on_fake_clock
async def test_what_comes_while_the_model_is_busy_runs_together_afterwards():
    bench = Bench(rows=4, delay=0.0)
    tasks = await bench.ask(1)
    tasks += await bench.ask(2) + await bench.ask(3)
    assert (len(bench.model.work), bench.batcher.waiting) == (1, 2)
    await bench.model.step()
    assert answers(tasks) == [2, "waits", "waits"]
    await bench.model.step()
    assert (answers(tasks), bench.batches) == ([2, 4, 6], [1, 2])


@on_fake_clock
async def test_an_idle_model_starts_when_the_delay_is_over():
    bench = Bench(delay=2.0)
    tasks = await bench.ask(1, 2)
    await bench.loop.advance(1.9)
    assert bench.model.work == []
    tasks += await bench.ask(3)
    await bench.loop.advance(0.2)
    await bench.model.step()
    assert (answers(tasks), bench.batches) == ([2, 4, 6], [3])


@on_fake_clock
async def test_one_bad_request_fails_alone():
    bench = Bench()
    tasks = await bench.ask(1, -1, 3)
    await bench.loop.advance(1.0)
    await bench.model.step()
    first, error, last = answers(tasks)
    assert (first, str(error), last) == (2, "Negative.", 6)


@on_fake_clock
async def test_what_is_soon_done_is_done_at_once_when_a_batch_has_told_so(monkeypatch):
    ticks = itertools.count()
    monkeypatch.setattr(time, "thread_time", lambda: next(ticks) / 10**6)
    bench = Bench(steady=True)
    tasks = await bench.ask(1)
    await bench.model.step()
    tasks += await bench.ask(2) + await bench.ask(-3)
    assert bench.model.work == []
    assert (answers(tasks)[:2], str(tasks[2].exception())) == ([2, 4], "Negative.")
    many = {"x": np.ones(10**6, np.float32)}  # for which the time would not do
    task = asyncio.create_task(bench.batcher.compute(many))
    await bench.loop.advance()
    await bench.model.step()
    assert len((await task)["y"]) == 10**6


@pytest.mark.parametrize("useless", [-1.0, None])
@on_fake_clock
async def test_neither_an_error_nor_no_rows_tells_how_long_a_row_takes(useless):
    bench = Bench(slow_double, steady=True)
    rows = [] if useless is None else [useless]
    inputs = {"x": np.array(rows, np.float32)}
    task = asyncio.create_task(bench.batcher.compute(inputs))
    await bench.loop.advance()
    await bench.model.step()
    assert task.done()
    assert useless is None or task.exception()
    await bench.ask(1)
    assert len(bench.model.work) == 1


@on_fake_clock
async def test_one_row_is_not_expected_to_take_less_than_many_did():
    bench = Bench(slow_double, steady=True, rows=32)
    tasks = await bench.ask(*range(32))
    await bench.model.step()
    assert answers(tasks) == [2 * value for value in range(32)]
    await bench.ask(1)
    assert len(bench.model.work) == 1


@pytest.mark.parametrize("steady", [True, False])
@on_fake_clock
async def test_what_is_not_known_to_be_soon_done_is_done_in_a_thread(steady):
    bench = Bench(slow_double if steady else double, steady)
    for _ in range(3):
        tasks = await bench.ask(1)
        assert len(bench.model.work) == 1
        await bench.model.step()
        assert answers(tasks) == [2]


@on_fake_clock
async def test_a_request_that_is_cancelled_leaves_the_queue():
    bench = Bench(delay=0.0)
    tasks = await bench.ask(0) + await bench.ask(1, 2)
    tasks[1].cancel()
    await bench.loop.advance()
    assert bench.batcher.waiting == 1
    await bench.model.step()
    await bench.model.step()
    assert (answers(tasks), bench.batches) == ([0, "cancelled", 4], [1, 1])


@on_fake_clock
async def test_a_request_that_is_cancelled_while_it_runs_harms_no_other():
    bench = Bench(rows=2)
    tasks = await bench.ask(1, 2)
    tasks[0].cancel()
    await bench.model.step()
    assert answers(tasks) == ["cancelled", 4]
    tasks = await bench.ask(5)
    await bench.model.step()
    assert answers(tasks) == [10]


@on_fake_clock
async def test_a_batch_whose_requests_are_all_cancelled_just_now_is_not_run():
    bench = Bench(delay=0.0)
    tasks = [asyncio.create_task(bench.batcher.compute(request(1)))]
    await asyncio.sleep(0)  # it is in the queue, and the queue is looked into next
    tasks[0].cancel()
    await bench.loop.advance()
    assert (answers(tasks), bench.model.work, bench.batches) == (["cancelled"], [], [])
    tasks = await bench.ask(3)
    await bench.model.step()
    assert answers(tasks) == [6]


@on_fake_clock
async def test_a_request_is_answered_in_its_time_or_refused_when_it_is_over():
    bench = Bench(delay=0.0)
    running = await bench.ask(1, timeout=5.0)
    waiting = await bench.ask(2, timeout=3.0)
    in_time = await bench.ask(3, timeout=9.0)
    await bench.loop.advance(3.0)
    assert bench.batcher.waiting == 1
    await bench.loop.advance(2.0)
    await bench.model.step()
    await bench.model.step()
    errors = [*answers(running), *answers(waiting)]
    assert [(type(error), str(error)) for error in errors] == [
        (DeadlineExceeded, "There was no answer within 5 s."),
        (DeadlineExceeded, "There was no answer within 3 s."),
    ]
    assert (answers(in_time), bench.batches) == ([6], [1, 1])


@on_fake_clock
async def test_a_full_queue_refuses_until_there_is_room():
    bench = Bench(waiting_rows=2)
    tasks = await bench.ask(0) + await bench.ask(1, 2, 3)
    (error,) = (a for a in answers(tasks) if isinstance(a, Exception))
    assert (type(error), str(error)) == (
        QueueFull,
        "2 rows wait for the model, 1 more than the 2 that may. Ask again in 1 s.",
    )
    tasks[1].cancel()
    await bench.loop.advance()
    tasks = await bench.ask(4)
    assert answers(tasks) == ["waits"]


@on_fake_clock
async def test_closing_answers_what_is_here_and_refuses_what_comes():
    bench = Bench(delay=60.0, rows=2)
    tasks = await bench.ask(1) + await bench.ask(2, 3, 4, 5)
    closing = asyncio.create_task(bench.batcher.close())
    late = await bench.ask(6)
    for _ in range(3):
        assert not closing.done()
        await bench.model.step()
    assert (answers(tasks), closing.done()) == ([2, 4, 6, 8, 10], True)
    (error,) = answers(late)
    assert (type(error), str(error)) == (
        Unavailable,
        "This version of the model is no longer served. Ask again.",
    )


@on_fake_clock
async def test_closing_ends_when_its_time_is_over():
    bench = Bench(delay=0.0)
    tasks = await bench.ask(1) + await bench.ask(2)
    closing = asyncio.create_task(bench.batcher.close(timeout=5.0))
    await bench.loop.advance()
    await bench.loop.advance(5.0)
    running, refused = answers(tasks)
    assert (closing.done(), running, type(refused)) == (True, "waits", Unavailable)
    await bench.model.step()
    assert answers(tasks[:1]) == [2]


@on_fake_clock
async def test_closing_ends_when_the_last_that_waits_is_cancelled():
    bench = Bench(delay=0.0)
    tasks = await bench.ask(1) + await bench.ask(2)
    closing = asyncio.create_task(bench.batcher.close())
    tasks[1].cancel()
    await bench.loop.advance()
    await bench.model.step()
    assert (closing.done(), answers(tasks)) == (True, [2, "cancelled"])


@on_fake_clock
async def test_closing_what_is_idle_ends_at_once():
    await Bench().batcher.close()


@on_fake_clock
async def test_a_model_whose_thread_fails_refuses_its_requests_and_goes_on():
    bench = Bench()
    tasks = await bench.ask(1)
    bench.model.work.pop()[0].set_exception(MemoryError())
    await bench.loop.advance()
    assert [type(error) for error in answers(tasks)] == [Unavailable]
    tasks = await bench.ask(2)
    await bench.model.step()
    assert answers(tasks) == [4]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("ask"), st.integers(-3, 20)),
            st.tuples(st.just("cancel"), st.integers(0, 30)),
            st.tuples(st.just("wait"), st.floats(0, 2)),
            st.tuples(st.just("run"), st.none()),
        ),
        max_size=40,
    ),
    st.integers(1, 5),
    st.floats(0, 1),
)
def test_whatever_happens_every_request_gets_its_own_answer(events, rows, delay):
    async def scenario():
        bench = Bench(rows=rows, delay=delay, waiting_rows=6)
        asked = []
        for event, value in events:
            if event == "ask":
                asked.append((value, *await bench.ask(value)))
            elif event == "cancel" and value < len(asked):
                asked[value][1].cancel()
            elif event == "wait":
                await bench.loop.advance(value)
            elif event == "run" and bench.model.work:
                await bench.model.step()
        closing = asyncio.create_task(bench.batcher.close())
        await bench.loop.advance()
        while bench.model.work:
            await bench.model.step()
        assert closing.done()
        assert max(bench.batches, default=0) <= rows
        for value, task in asked:
            (answer,) = answers([task])
            if isinstance(answer, InvalidArgument):
                assert value < 0
            elif answer != "cancelled" and not isinstance(answer, QueueFull):
                assert answer == 2 * value

    run_on_fake_clock(scenario())


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return Session(publish(tmp_path_factory.mktemp("lenet"), "lenet", lenet()))


@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=12), seed=st.integers(0))
def test_a_network_answers_in_batches_what_it_answers_alone(session, sizes, seed):
    rng = np.random.default_rng(seed)
    requests = [{"images": rng.random((size, 28, 28, 1), np.float32)} for size in sizes]

    async def ask_all():
        batches = []
        batcher = Batcher(session.run, BatchLimits(rows=16), batches.append)
        found = await asyncio.gather(*map(batcher.compute, requests))
        await batcher.close()
        assert len(sizes) < 2 or len(batches) < len(sizes)
        return found

    for inputs, outputs in zip(requests, asyncio.run(ask_all()), strict=True):
        expected = session.run(inputs)
        assert outputs.keys() == expected.keys()
        for name, values in expected.items():
            # Other sizes of a matrix product add its float32 terms in another order.
            np.testing.assert_allclose(outputs[name], values, rtol=1e-5, atol=1e-6)


def test_the_event_loop_is_free_while_the_model_runs():
    started, released = threading.Event(), threading.Event()

    def run(inputs):
        started.set()
        assert released.wait(10)
        return inputs

    async def ask():
        batcher = Batcher(run)
        task = asyncio.create_task(batcher.compute(request(1)))
        while not started.is_set():
            await asyncio.sleep(0.001)
        released.set()  # by the loop, which the model would hold up otherwise
        assert (await task)["x"].item() == 1
        await batcher.close()

    asyncio.run(ask())


def test_another_event_loop_may_follow_one_that_ended_at_any_moment():
    batcher = Batcher(double)

    async def leave():
        asyncio.create_task(batcher.compute(request(1)))  # noqa: RUF006
        await asyncio.sleep(0)  # its batch is about to start, or runs, or is done

    for _ in range(5):
        asyncio.run(leave())
        answer = asyncio.run(batcher.compute(request(2)))
        assert answer["y"].item() == 4
    asyncio.run(batcher.close())
