"""Texts that a model writes together: who waits, who joins, who leaves."""

import asyncio
import random

import numpy as np
import pytest
from text_models import LETTERS, publish_text

from kerasheet_serving import Session
from kerasheet_serving.errors import QueueFull, Unavailable
from kerasheet_serving.generation.decoding import TextLimits, TextWriter
from kerasheet_serving.generation.request import Wanted
from kerasheet_serving.generation.step_model import StepModel

MOST_AHEAD = 256


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = publish_text(tmp_path_factory.mktemp("texts"), "M", units=32)
    return StepModel(Session(path), 8)


class Bench:
    """A writer whose steps are noted."""

    def __init__(self, model, at_once=8, waiting=32):
        self.steps = []
        self.tokens = []
        limits = TextLimits(at_once, waiting)
        self.writer = TextWriter(model, limits, self.steps.append, self.tokens.append)

    async def text(self, **options):
        with self.writer.writing(wanted(**options)) as text:
            return await rest(text)


def wanted(length=50, prompt=3, temperature=1.0, seed=0):
    ids = np.random.default_rng(seed).integers(1, len(LETTERS), prompt, np.int32)
    return Wanted(ids, length, temperature, len(LETTERS) - 1, seed)


async def rest(text):
    ids = []
    while piece := await text.take():
        ids += piece
    return ids


async def until(condition):
    """Wait for what other tasks and threads do; far longer than it takes."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


def test_texts_that_come_together_are_written_together(model):
    async def run():
        bench = Bench(model)
        texts = await asyncio.gather(*(bench.text(seed=k) for k in range(8)))
        assert [len(text) for text in texts] == [50] * 8
        assert max(bench.steps) == 8
        assert sum(bench.steps) == 8 * 49  # the prompt gives the first token
        assert bench.tokens == [50] * 8
        assert bench.writer.texts == 0

    asyncio.run(run())


def test_texts_get_the_same_bits_whoever_joins_and_leaves(model):
    """More texts than are written at once, at random moments, with random prompts."""
    options = [
        {"length": 1 + 17 * k % 90, "prompt": 1 + 37 * k % 150, "seed": k}
        for k in range(24)
    ]

    async def alone():
        bench = Bench(model)
        return [await bench.text(**one) for one in options]

    async def together():
        bench, moments = Bench(model, at_once=8), random.Random(0)

        async def later(one):
            for _ in range(moments.randrange(30)):
                await asyncio.sleep(0)
            return await bench.text(**one)

        texts = await asyncio.gather(*map(later, options))
        assert 1 < max(bench.steps) <= 8
        return texts

    assert asyncio.run(together()) == asyncio.run(alone())


def test_equal_rows_get_equal_bits_in_any_number(model):
    rng = np.random.default_rng(0)
    ids = rng.integers(1, len(LETTERS), 8, np.int32)
    state = rng.normal(size=(8, 2, 32)).astype(np.float32)
    logits, after = model.step_all(ids, state)
    for rows in range(1, 9):
        some, others = model.step_all(ids[:rows], state[:rows])
        assert some.tobytes() == logits[:rows].tobytes()
        assert others.tobytes() == after[:rows].tobytes()


def test_what_is_too_much_is_refused_until_one_has_ended(model):
    async def run():
        bench = Bench(model, at_once=2, waiting=1)
        asked = [asyncio.create_task(bench.text(length=300)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFull) as error:
            await bench.text()
        assert str(error.value) == (
            "3 texts are being written or wait for the model, and no more may. Ask "
            "again in 1 s."
        )
        assert error.value.retry_after == 1
        assert [len(text) for text in await asyncio.gather(*asked)] == [300] * 3
        assert len(await bench.text()) == 50
        assert max(bench.steps) == 2

    asyncio.run(run())


def test_a_slow_reader_steps_aside_and_its_text_is_the_same(model):
    async def run():
        bench = Bench(model, at_once=1)
        expected = await bench.text(length=900)
        with bench.writer.writing(wanted(length=900)) as text:
            await until(lambda: len(text.ids) == MOST_AHEAD)
            assert len(await bench.text(seed=1)) == 50  # though only one is written
            assert len(text.ids) == MOST_AHEAD
            assert await rest(text) == expected

    asyncio.run(run())


def test_a_long_prompt_holds_up_no_other_text(model):
    async def run():
        bench = Bench(model)
        with bench.writer.writing(wanted(prompt=60_000, length=5)) as text:
            await until(lambda: text.read)
            assert len(await bench.text(length=20)) == 20
            assert not text.is_read
            assert len(await rest(text)) == 5

    asyncio.run(run())


def test_a_text_that_nobody_wants_is_written_no_further(model):
    async def run():
        bench = Bench(model)
        with bench.writer.writing(wanted(length=4000)) as text:
            await text.take()
        await until(lambda: bench.writer._work is None)
        steps = len(bench.steps)
        assert steps <= len(text.ids) <= MOST_AHEAD
        assert len(await bench.text(length=2)) == 2
        assert len(bench.steps) == steps + 1

    asyncio.run(run())


def test_closing_ends_what_has_begun_and_refuses_more(model):
    async def run():
        bench = Bench(model)
        asked = asyncio.create_task(bench.text(length=300))
        await asyncio.sleep(0)
        closing = asyncio.create_task(bench.writer.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await bench.text()
        assert len(await asked) == 300
        await closing

    asyncio.run(run())


def test_closing_without_time_fails_what_has_begun(model):
    async def run():
        bench = Bench(model)
        with bench.writer.writing(wanted(length=4000)) as text:
            await text.take()
            await bench.writer.close(timeout=0)
            with pytest.raises(Unavailable) as error:
                await rest(text)
        assert str(error.value) == (
            "This version of the model is no longer served. Ask again."
        )

    asyncio.run(run())
