"""Where a request to the server spends the processor's time, stage by stage.

    make bench ONLY=serving_profile

One image of 784 numbers, as `serving.py` asks for it, goes to the application in this
process, without a socket: 32 clients at once. Stages are whole applications, each with
one layer more, or the functions that the application calls, by themselves; they take
turns. What `serving.py` measures besides is uvicorn's and the system's, the first row:
an application that only takes the body, at a real socket, asked by `wrk`.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import uvloop
from measuring import Row, Seconds, clock, figure, take_turns
from recording import run
from servers import HERE, Question, Server
from serving_sides import export_lenet, questions
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kerasheet_serving import Settings, create_app
from kerasheet_serving.metrics import Metrics
from kerasheet_serving.v1.call import Question as V1Question
from kerasheet_serving.v2.answer import write_infer
from kerasheet_serving.v2.request import HEADER_LENGTH, read_infer
from kerasheet_serving.web.draining import Draining
from kerasheet_serving.web.request_context import RequestContext
from kerasheet_serving.web.request_limits import RequestLimits

CLIENTS, REQUESTS, TURNS, LOAD_SECONDS = 32, 20, 15, 3
MICRO = 1e-6
UNIT = "µs of the processor a request"


def measure(short: bool) -> Iterator[Row]:
    """Rows of stages."""
    asked = questions()
    if shutil.which("wrk") is not None:
        yield _socket(asked["V1 JSON"], 1 if short else TURNS // 3)
    with tempfile.TemporaryDirectory() as folder:
        repository = export_lenet(Path(folder)).parents[2]
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            sides = _sides(runner, Settings(repository, threads=1), asked)
            taken = take_turns(sides, turns=2 if short else TURNS)
    for name, seconds in taken.items():
        yield figure(name, [one.cpu / MICRO for one in seconds], unit=UNIT)


def _socket(question: Question, turns: int) -> Row:
    """What uvicorn and the system take, without a server of models."""
    command = [sys.executable, str(HERE / "peers" / "socket_app.py"), "{port}"]
    with closing(Server(command, question)) as server:
        loads = [server.load(question, LOAD_SECONDS, CLIENTS) for _ in range(turns)]
    times = [load.cpu / load.requests / MICRO for load in loads]
    return figure("uvicorn and the socket", times, unit=UNIT)


def _sides(
    runner: asyncio.Runner, settings: Settings, asked: Mapping[str, Question]
) -> dict[str, Callable[[], Seconds]]:
    async def answer(request: Request) -> Response:
        await request.body()
        return Response(b"{}", media_type="application/json")

    v1, binary = asked["V1 JSON"], asked["V2 binary"]
    app = create_app(settings)
    starlette = Starlette(routes=[Route(v1.path, answer, methods=["POST"])])
    wrapped = RequestContext(RequestLimits(starlette, settings), Draining(), Metrics())
    session = app.state.registry.find("lenet").session
    manifest, limit = session.manifest, settings.max_tensor_bytes
    call = V1Question("predict", v1.body).call(manifest, limit)
    length = binary.headers[HEADER_LENGTH]
    request = read_infer(binary.body, length, "lenet", manifest)
    outputs = session.run(call.inputs)
    batch = {name: np.repeat(one, CLIENTS, 0) for name, one in call.inputs.items()}
    applications = {
        "Starlette alone": (starlette, v1),
        "Starlette, with ids, limits and counts": (wrapped, v1),
        **{f"the application, {form}": (app, asked[form]) for form in asked},
    }
    functions: dict[str, Callable[[], object]] = {
        "read V1 JSON": lambda: V1Question("predict", v1.body).call(manifest, limit),
        "write V1 JSON": lambda: call.write(outputs),
        "read V2 binary": lambda: read_infer(binary.body, length, "lenet", manifest),
        "write V2 binary": lambda: write_infer(request, "lenet", 1, outputs),
    }

    def asking(application: Any, question: Question) -> Callable[[], Seconds]:
        work = _ask(application, question)
        return lambda: _each(clock(lambda: runner.run(work())), CLIENTS * REQUESTS)

    def calling(function: Callable[[], object]) -> Callable[[], Seconds]:
        repeat = range(CLIENTS * REQUESTS)
        return lambda: _each(clock(lambda: [function() for _ in repeat]), len(repeat))

    sides = {name: asking(*side) for name, side in applications.items()}
    sides |= {name: calling(one) for name, one in functions.items()}
    batches = calling(lambda: session.run(batch))
    return {**sides, "run, 32 at a time": lambda: _each(batches(), CLIENTS)}


def _each(seconds: Seconds, count: int) -> Seconds:
    return Seconds(*(one / count for one in seconds))


def _ask(application: Any, question: Question) -> Callable[[], Any]:
    """Ask an application, as many clients at once, each so many times."""
    headers = [(k.lower().encode(), v.encode()) for k, v in question.headers.items()]
    headers.append((b"content-length", b"%d" % len(question.body)))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": question.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200, message

    async def client() -> None:
        for _ in range(REQUESTS):
            scope = {
                "type": "http",
                "method": "POST",
                "path": question.path,
                "raw_path": question.path.encode(),
                "query_string": b"",
                "root_path": "",
                "headers": headers,
            }
            await application(scope, receive, send)

    async def all_clients() -> None:
        await asyncio.gather(*(client() for _ in range(CLIENTS)))

    return all_clients


if __name__ == "__main__":
    run(__file__, measure)
