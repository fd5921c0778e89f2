"""Looking at the repository while the server answers: nothing is lost."""

import asyncio
import gc
import shutil
import threading
import time
import weakref

import httpx
import pytest
from serving_models import publish_numbers
from starlette.applications import Starlette
from starlette.routing import Mount

from kerasheet_serving import Repository, Session, Settings, create_app
from kerasheet_serving.registry import Registry
from kerasheet_serving.watcher import Watcher


@pytest.fixture
def models(tmp_path):
    """A repository whose model M has the versions 1 to 3."""
    publish_numbers(tmp_path / "models", 1, 2, 3)
    return tmp_path / "models"


@pytest.fixture
def registry(models):
    return Registry(Repository(models))


def test_a_repository_that_cannot_be_read_keeps_its_models(registry, models, caplog):
    watcher = Watcher(registry, 0)
    models.rename(models.with_name("away"))
    asyncio.run(watcher.look())
    asyncio.run(watcher.look())
    assert registry.find("M").number == 3
    assert [record.getMessage() for record in caplog.records] == [
        f"Kept all models as they are: Cannot read model repository {models}: No such "
        "file or directory. Give the directory that holds <model>/<version>/, or make "
        "one with `kerasheet export`."
    ]
    models.with_name("away").rename(models)
    asyncio.run(watcher.look())
    assert len(caplog.records) == 1


def test_who_is_told_to_look_before_the_loop_runs_does_so_then(registry, models):
    watcher = Watcher(registry, 0)
    publish_numbers(models, 4)
    watcher.look_soon()

    async def scenario():
        watcher.start()
        await until_newest(4)
        publish_numbers(models, 5)
        watcher.look_soon()
        await until_newest(5)
        await watcher.close(1.0)

    async def until_newest(number):
        while registry.find("M").number != number:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_a_request_ends_on_the_version_it_began_with(tmp_path, monkeypatch):
    """Version 2 appears, and version 1 vanishes, while version 1 computes."""
    publish_numbers(tmp_path, 1)
    begun, go_on, closed, slowed = threading.Event(), threading.Event(), [], []
    run = Session.run

    def wait(self, inputs):
        if self in slowed:
            begun.set()
            assert go_on.wait(10)
        return run(self, inputs)

    async def close(timeout=None):
        closed.append(1)

    monkeypatch.setattr(Session, "run", wait)
    app = create_app(Settings(tmp_path, poll_seconds=0.01))
    first = app.state.registry.find("M")
    slowed.append(first.session)
    monkeypatch.setattr(first._runner, "close", close)

    async def scenario():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://s") as http:

            async def ask():
                answer = await http.post(
                    "/v1/models/M:predict", content='{"instances":[0.0]}'
                )
                return answer.text

            slow = asyncio.create_task(ask())
            await asyncio.to_thread(begun.wait, 10)
            publish_numbers(tmp_path, 2)
            shutil.rmtree(tmp_path / "M" / "1")
            while app.state.registry.find("M") is first:
                await asyncio.sleep(0.01)
            assert await ask() == '{"predictions":[2.0]}'
            assert not slow.done()
            assert not closed
            go_on.set()
            assert await slow == '{"predictions":[1.0]}'
            while not closed:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert [v.number for v in app.state.registry.versions("M")] == [2]


def test_no_request_fails_while_versions_replace_each_other(tmp_path):
    publish_numbers(tmp_path, 1)
    app = create_app(Settings(tmp_path, poll_seconds=0.01))
    answers = set()

    def replace_versions():
        for number in range(2, 8):
            publish_numbers(tmp_path, number)
            shutil.rmtree(tmp_path / "M" / str(number - 1))
            time.sleep(0.1)

    async def scenario():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://s") as http:
            replacing = asyncio.create_task(asyncio.to_thread(replace_versions))

            async def ask():
                while not replacing.done():
                    answer = await http.post(
                        "/v1/models/M:predict", content='{"instances":[0.0]}'
                    )
                    answers.add((answer.status_code, answer.text))

            await asyncio.gather(*(ask() for _ in range(4)))
            await replacing

    asyncio.run(asyncio.wait_for(scenario(), 30))
    possible = {(200, f'{{"predictions":[{number}.0]}}') for number in range(1, 8)}
    assert answers <= possible
    assert len(answers) > 3


@pytest.mark.parametrize("path", ["v2/health/live", "v2", "v1/models/M"])
def test_below_a_mount_any_first_request_begins_to_watch(models, path):
    inner = create_app(Settings(models, poll_seconds=0.01))
    app = Starlette(routes=[Mount("/served", inner)])

    async def scenario():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://s") as http:
            assert (await http.get(f"/served/{path}")).status_code == 200
            publish_numbers(models, 4)
            while inner.state.registry.find("M").number != 4:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(scenario(), 10))


def test_an_unloaded_version_leaves_the_memory(registry, models):
    session = weakref.ref(registry.find("M").session)
    shutil.rmtree(models / "M" / "3")

    async def look():
        await Watcher(registry, 0).look()
        await asyncio.sleep(0.01)

    asyncio.run(look())
    gc.collect()
    assert session() is None


def test_a_server_that_never_looks_serves_what_it_began_with(tmp_path):
    publish_numbers(tmp_path, 1)
    app = create_app(Settings(tmp_path, poll_seconds=0))
    publish_numbers(tmp_path, 2)

    async def look():
        async with app.router.lifespan_context(app):
            await asyncio.sleep(0.1)

    asyncio.run(look())
    assert app.state.registry.find("M").number == 1


def test_a_fault_while_looking_is_logged_and_looking_goes_on(
    registry, monkeypatch, caplog
):
    looks = []

    def fail():
        looks.append(1)
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(registry, "refresh", fail)

    async def watch():
        watcher = Watcher(registry, 0.01)
        watcher.start()
        watcher.start()
        while len(looks) < 3:
            await asyncio.sleep(0.01)
        watcher.stop()

    asyncio.run(asyncio.wait_for(watch(), 10))
    assert caplog.records[0].getMessage() == "Cannot look at the repository"
