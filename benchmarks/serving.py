"""LeNet over HTTP, beside LitServe, MLServer and Ray Serve with the same file.

    make bench ONLY=serving

Every server is in a process and a venv of its own, puts requests together, with the
settings that served it best, and runs the model on one thread. Ours is measured as one
process, and with a worker for every core, of which LitServe and Ray Serve have as many;
MLServer became slower with workers. They are started anew for every turn, one after the
other, and asked by `wrk` over 32 connections: 784 numbers in nested lists of JSON, or
in one list for MLServer, which wants it so. What is no server is one process that only
reads the same bodies with the standard library and runs the session, one by one or 32
at a time.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import Row, Seconds, comparisons, figure
from recording import run
from servers import HERE, Load, Server
from serving_sides import (
    OURS,
    PEERS,
    Bare,
    command,
    export_lenet,
    questions,
    seconds_alone,
    versions,
)

CONNECTIONS, WARM_UP, SECONDS = 32, 2, 5
TURNS, LEAST, LIMIT = 5, 3, 360  # no more than `LEAST` after `LIMIT` seconds
ALONE, BARE = 400, 3200  # requests of a turn
ALONE_TURNS = 5  # within one, for what takes half a second and differs by microseconds
MANY = 16  # images in one body, beside one; more would fill the queue
TIMES_AS_FAST, OF_BARE, OF_JSON = 3, 0.8, 2
ADDED_MS, START_SECONDS, MEBIBYTES = 0.5, 1.0, 150
_CASE = "lenet, 32 connections, JSON"

Taken = dict[str, list[Any]]


def measure(short: bool) -> Iterator[Row]:
    """All rows."""
    if shutil.which("wrk") is None:
        sys.exit("There is no wrk to make the load. Install it: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        model = export_lenet(Path(folder))
        body = Path(folder) / "body"
        body.write_bytes(questions()["V1 JSON"].body)
        bare = {batch: Bare(model, body, batch) for batch in (1, 32)}
        taken: Taken = {}
        begun = time.perf_counter()
        for turn in range(1 if short else TURNS):
            if turn >= LEAST and time.perf_counter() - begun > LIMIT:
                break
            for name in (*OURS, *PEERS):
                take_turn(name, model, bare, taken, 1 if short else SECONDS)
        for one in bare.values():
            one.close()
    yield from rows(taken)


def take_turn(
    name: str, model: Path, bare: Mapping[int, "Bare"], taken: Taken, seconds: float
) -> None:
    """Start a server, measure it, and end it."""
    asked = questions()
    json_form = asked["V2 JSON" if name == "mlserver" else "V1 JSON"]
    server = Server(command(name, model), json_form, HERE / "peers")

    def keep(what: str, value: Any) -> None:
        taken.setdefault(what, []).append(value)

    try:
        keep(f"{name} start", server.start_seconds)
        server.load(json_form, WARM_UP, CONNECTIONS)
        keep(name, server.load(json_form, seconds, CONNECTIONS))
        keep(f"{name} MiB", server.mebibytes())
        if name != "ours":
            return
        for images in (1, MANY):
            for form, question in questions(images).items():
                server.load(question, 1, CONNECTIONS)
                load = server.load(question, seconds, CONNECTIONS)
                keep(f"{form}, {images} a body", load)
        for batch, one in bare.items():
            one.take(BARE // 10)
            keep(f"bare {batch}", one.take(BARE)[0])
        for _ in range(ALONE_TURNS):
            alone = seconds_alone(server.port, json_form, ALONE)
            keep("added", alone - bare[1].take(ALONE)[1])
    finally:
        server.close()


def rows(taken: Taken) -> Iterator[Row]:
    """What was measured, in the order of what is aimed at."""
    loads = {name: taken[name] for name in (*OURS, *PEERS)}
    everyone = {name: _per_request(one) for name, one in loads.items()}
    slowest = {
        name: [Seconds(load.p99, load.cpu / load.requests) for load in one]
        for name, one in loads.items()
    }
    for name, words in (("workers", "a worker per core"), ("ours", "one process")):
        for sides, what, least in (
            (everyone, "", TIMES_AS_FAST),
            (slowest, ", the 99th percentile of latency", 1),
        ):
            targets = dict.fromkeys(PEERS, least) if name == "workers" else {}
            beside = {one: sides[one] for one in (name, *PEERS)}
            case = f"{_CASE}, {words}{what}"
            yield from comparisons(case, beside, unit="request", targets=targets)
    sides = {"ours": everyone["ours"]}
    sides |= {f"no server, {n} at once": taken[f"bare {n}"] for n in (1, 32)}
    targets = {"no server, 1 at once": OF_BARE}
    yield from comparisons(_CASE, sides, unit="request", targets=targets)
    for images, least in ((1, OF_JSON), (MANY, None)):
        plain = _per_request(taken[f"V1 JSON, {images} a body"])
        slow = _per_request(taken[f"V1 JSON, standard library, {images} a body"])
        for form in ("V2 binary", "predict_bytes", "V2 JSON"):
            sides = {form: _per_request(taken[f"{form}, {images} a body"])}
            sides |= {"our JSON": plain, "our JSON, by the standard library": slow}
            case = f"lenet, 32 connections, {form}, images a body: {images}"
            targets = {} if form == "V2 JSON" else {"our JSON": least}
            yield from comparisons(case, sides, unit="request", targets=targets)
    added = [1000 * one for one in taken["added"]]
    case = "added latency, 1 connection, over reading and running"
    yield figure(case, added, unit="ms", at_most=ADDED_MS)
    for name, one in loads.items():
        yield from _figures(name, one, taken)


def _figures(name: str, loads: Sequence[Load], taken: Taken) -> Iterator[Row]:
    limits = (START_SECONDS, MEBIBYTES) if name == "ours" else (None, None)
    times, sizes = taken[f"{name} start"], taken[f"{name} MiB"]
    yield figure(f"{name}: start to first answer", times, unit="s", at_most=limits[0])
    yield figure(f"{name}: resident memory", sizes, unit="MiB", at_most=limits[1])
    for unit, values in {
        "requests/s": [load.requests / load.seconds for load in loads],
        "ms, 50th percentile": [1000 * load.p50 for load in loads],
        "ms, 99th percentile": [1000 * load.p99 for load in loads],
        "cores busy": [load.cpu / load.seconds for load in loads],
        "cores busy with wrk": [load.wrk_cpu / load.seconds for load in loads],
    }.items():
        yield figure(f"{name}: JSON, 32 connections", values, unit=unit)


def _per_request(loads: Sequence[Load]) -> list[Seconds]:
    return [
        Seconds(load.seconds / load.requests, load.cpu / load.requests)
        for load in loads
    ]


if __name__ == "__main__":
    run(__file__, measure, versions())
